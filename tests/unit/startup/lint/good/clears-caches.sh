#!/bin/bash
rm -rf "$HOME/.cache/pip" "$HOME"/.cache/matplotlib
find "$HOME" -name '__pycache__' -type d -prune -exec rm -rf {} +
find "$HOME" -name '*.pyc' -delete
rm -f "$HOME"/.local/share/jupyter/runtime/*.json
