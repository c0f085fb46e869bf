#!/bin/bash
n=0
while true; do
    [ -r /nfs/data/READY ] && break
    n=$((n + 1))
    [ "$n" -lt 20 ] || { echo "data is not ready" >&2; break; }
    sleep 1
done
