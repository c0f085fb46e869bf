#!/bin/sh
while read -r x; do echo "$x"; done < <(ls /nfs)  # expect: bash-in-sh
