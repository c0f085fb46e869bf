#!/bin/bash
set -eu
mkdir -p "$HOME/.school"
if ! cmp -s /nfs/misc/helpers.py "$HOME/.school/helpers.py"; then
  cp /nfs/misc/helpers.py "$HOME/.school/helpers.py"
fi
