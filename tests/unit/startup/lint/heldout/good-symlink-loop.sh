#!/bin/bash
shopt -s nullglob
for f in /nfs/notebooks/*.ipynb; do
    target="$HOME/reference/${f##*/}"
    mkdir -p "$HOME/reference"
    [ -e "$target" ] || ln -s "$f" "$target"
done
