#!/bin/bash
cp --no-clobber /nfs/notebooks/day1.ipynb "$HOME"  # expect: copy-only-if-absent
