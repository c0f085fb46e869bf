#!/bin/bash
set -e
for set in photometry spectra; do
  if [ ! -e "$HOME/data/$set" ]; then
    cp -r "/nfs/data/$set" "$HOME/data/$set"  # expect: copy-only-if-absent copy-from-shared
  fi
done
