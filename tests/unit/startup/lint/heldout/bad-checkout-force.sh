#!/bin/bash
set -e
REPO="$HOME/school-2026"
timeout 60 git -C "$REPO" fetch origin
git -C "$REPO" checkout -f main  # expect: git-discards-work
