#!/bin/sh
rm -f "$HOME/.jupyter/lab/workspaces/"*.jupyterlab-workspace
rm -rf "$HOME/.local/share/Trash/files"
