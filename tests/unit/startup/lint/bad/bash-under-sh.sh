#!/bin/sh
files=(a b c)  # expect: bash-in-sh
if [[ -d "$HOME/x" ]]; then  # expect: bash-in-sh
  echo "${files[0]}"  # expect: bash-in-sh
fi
