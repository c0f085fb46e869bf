#!/bin/bash
set -eu
while IFS= read -r name; do
  [ -n "$name" ] || continue
  ln -sfn "/nfs/data/$name" "$HOME/data-$name"
done < /nfs/misc/datasets.txt
