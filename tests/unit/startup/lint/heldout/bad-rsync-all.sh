#!/bin/bash
set -e
rsync -av /nfs/data/ ~/data/  # expect: copy-from-shared
