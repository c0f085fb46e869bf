#!/bin/bash
set -e
rsync -r /nfs/notebooks/ $HOME/notebooks/  # expect: copy-from-shared overwrite-in-home
