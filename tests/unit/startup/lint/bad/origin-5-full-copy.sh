#!/bin/bash
set -e
mkdir -p "$HOME/data"
cp -r /nfs/data/. "$HOME/data/"  # expect: copy-from-shared
