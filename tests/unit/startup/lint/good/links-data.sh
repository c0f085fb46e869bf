#!/bin/bash
set -euo pipefail
# Nothing is copied: rm -rf "$HOME"/data would be a mistake here, a link is enough.
mkdir -p "$HOME/work"
ln -sfn /nfs/data "$HOME/data"
