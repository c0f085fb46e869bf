#!/bin/bash
set -o pipefail
tar -C /nfs/data -cf - . | tar -C "$HOME/data" -xf -  # expect: copy-from-shared overwrite-in-home
