#!/bin/bash
for h in /home/*; do
    [ "$h" = /home/admin ] && continue
    rm -rf "$h"/solutions  # expect: delete-in-home
done
