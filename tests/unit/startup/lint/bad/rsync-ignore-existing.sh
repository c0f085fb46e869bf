#!/bin/bash
rsync -a --ignore-existing /nfs/catalogues/ "$HOME/catalogues/"  # expect: copy-only-if-absent copy-from-shared
