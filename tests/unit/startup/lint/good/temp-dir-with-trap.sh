#!/bin/bash
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
curl -fsSL --max-time 30 -o "$tmp/site.json" https://example.org/site.json
mkdir -p "$HOME/.config/school"
cp "$tmp/site.json" "$HOME/.config/school/site.json"
