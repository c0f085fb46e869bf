#!/bin/bash
: > ~/answers.txt  # expect: overwrite-in-home
