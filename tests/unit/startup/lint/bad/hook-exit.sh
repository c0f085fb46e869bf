#!/bin/bash
# Installed as /usr/local/bin/before-notebook.d/40-data.sh
if [ -z "$NB_USER" ]; then
  exit 1  # expect: exit-in-sourced
fi
