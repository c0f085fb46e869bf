#!/bin/bash
for d in /nfs/data/*; do
    name=$(basename "$d")
    [ -e "$HOME/data/$name" ] && continue
    cp -a "$d" "$HOME/data/"  # expect: copy-only-if-absent copy-from-shared
done
