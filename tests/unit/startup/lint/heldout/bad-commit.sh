#!/bin/bash
cd ~/course || exit
git add -A
git commit  # expect: interactive
