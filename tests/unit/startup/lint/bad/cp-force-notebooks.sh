#!/bin/bash
cp -f /nfs/notebooks/*.ipynb "$HOME/"  # expect: overwrite-in-home
