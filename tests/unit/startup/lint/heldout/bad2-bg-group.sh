#!/bin/bash
{ sleep 5; touch ~/.warm; } &  # expect: background-output
echo started
