#!/bin/sh
read -r a b <<< "$LANG"  # expect: bash-in-sh
echo "$a $b"
