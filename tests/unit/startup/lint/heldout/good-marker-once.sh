#!/bin/bash
set -eu
marker="$HOME/.school-setup-v1"
if [ -e "$marker" ]; then
    exit 0
fi
echo 'alias data="cd /nfs/data"' >> "$HOME/.bashrc"
git config --global --add safe.directory "$HOME/course"
date > "$marker"
