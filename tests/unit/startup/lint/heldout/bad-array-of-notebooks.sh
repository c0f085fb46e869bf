#!/usr/bin/env bash
declare -a OLD=( "intro.ipynb" "day1/fit.ipynb" )
BASE=${HOME}/notebooks
for n in "${OLD[@]}"; do
    if [[ -f "${BASE}/${n}" ]]; then
        rm -- "${BASE}/${n}"  # expect: delete-in-home
    fi
done
