#!/usr/bin/env bash -e
# expect: bad-shebang@1
mkdir -p "$HOME/work"
