#!/usr/bin/env sh
if [[ -n "$NB_USER" && "$NB_USER" == a* ]]; then echo a; fi  # expect: bash-in-sh
