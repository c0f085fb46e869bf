#!/bin/bash
find /home/"$NB_USER" -type f -name "*.ipynb" -newer /nfs/release -print0 | while IFS= read -r -d '' f; do rm -f "$f"; done  # expect: delete-in-home
