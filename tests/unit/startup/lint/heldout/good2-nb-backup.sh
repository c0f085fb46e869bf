#!/bin/bash
set -eu
mkdir -p "$HOME/.backup"
find "$HOME/course" -name '*.ipynb' -mmin -1440 -exec cp -u {} "$HOME/.backup/" \;
