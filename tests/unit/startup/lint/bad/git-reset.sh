#!/bin/bash
cd "$HOME/course" && timeout 60 git fetch -q origin && git reset --hard origin/main  # expect: git-discards-work
