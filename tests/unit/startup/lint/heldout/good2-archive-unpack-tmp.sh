#!/bin/bash
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
cd "$work"
timeout 60 curl -fsSL https://example.org/tools.tar.gz | tar -xz
mkdir -p "$HOME/.local/bin"
install -m 755 tools/run "$HOME/.local/bin/school-run"
