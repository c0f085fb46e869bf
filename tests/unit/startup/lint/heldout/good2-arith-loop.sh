#!/bin/bash
i=0
while (( i < 5 )); do
    timeout 5 ls /nfs/data >/dev/null && break
    (( i++ ))
    sleep 1
done
