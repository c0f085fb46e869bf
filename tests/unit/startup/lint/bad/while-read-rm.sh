#!/bin/bash
while read -r notebook; do
  rm -f "$HOME/$notebook"  # expect: delete-in-home
done < /nfs/misc/stale-notebooks.txt
