#!/bin/bash
if [[ ":$PATH:" != *":/nfs/bin:"* ]]; then
  echo 'export PATH="$PATH:/nfs/bin"' >> "$HOME/.bashrc"  # expect: grows-each-start
fi
