#!/bin/bash
DAY=$(date +%u)
if [ "$DAY" = 1 ]; then
  rm -rf $HOME/week*  # expect: delete-in-home
fi
