#!/bin/bash
set -eu
cd "$HOME"
timeout 60 wget -q -O fonts.zip https://example.org/fonts.zip
mkdir -p .local/share/fonts
unzip -q -o fonts.zip -d .local/share/fonts
rm -f fonts.zip
