#!/bin/bash
tmp=$(mktemp -d)
timeout 60 wget -q -O "$tmp/intro.ipynb" https://example.org/intro.ipynb
mv -f "$tmp/intro.ipynb" "$HOME/intro.ipynb"  # expect: overwrite-in-home
