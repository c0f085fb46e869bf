#!/bin/bash
set -e
rsync -a --delete /nfs/course/ "$HOME/course/"  # expect: delete-in-home overwrite-in-home copy-from-shared
