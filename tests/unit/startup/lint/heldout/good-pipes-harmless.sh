#!/bin/bash
set -eu
count=$(ls /nfs/data | wc -l)
largest=$(du -s /nfs/data/* 2>/dev/null | sort -n | tail -n 1 | cut -f2)
echo "$count datasets, largest $largest" | tee "$HOME/.datasets.txt"
env | sort | head -n 5
