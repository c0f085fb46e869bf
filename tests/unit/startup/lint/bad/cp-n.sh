#!/bin/bash
cp -rn /nfs/data "$HOME/data"  # expect: copy-only-if-absent copy-from-shared
