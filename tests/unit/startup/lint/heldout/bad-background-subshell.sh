#!/bin/bash
( sleep 30; touch "$HOME/.ready" ) &  # expect: background-output
