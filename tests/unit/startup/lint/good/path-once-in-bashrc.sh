#!/bin/bash
line='export PATH="$PATH:/nfs/bin"'
grep -qxF "$line" "$HOME/.bashrc" 2>/dev/null || echo "$line" >> "$HOME/.bashrc"
