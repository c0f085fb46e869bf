#!/bin/bash
set -eu
rc="$HOME/.bashrc"
touch "$rc"
sed -i '/# growth-school$/d' "$rc"
echo 'export MPLBACKEND=agg  # growth-school' >> "$rc"
