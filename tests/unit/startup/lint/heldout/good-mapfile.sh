#!/bin/bash
mapfile -t sets < <(find /nfs/data -mindepth 1 -maxdepth 1 -type d)
for set in "${sets[@]}"; do
    ln -sfn "$set" "$HOME/$(basename "$set")"
done
