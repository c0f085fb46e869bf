#!/bin/bash
set -e
mkdir -p "$HOME/solutions"
cp --backup=numbered -u /nfs/solutions/day1.ipynb "$HOME/solutions/day1.ipynb"
