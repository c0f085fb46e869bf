#!/bin/bash
deadline=$((SECONDS + 20))
while [ ! -d /nfs/data ] && [ "$SECONDS" -lt "$deadline" ]; do
    sleep 1
done
