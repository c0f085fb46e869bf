#!/bin/bash
set -e
pip install --quiet --user --no-index --find-links /nfs/wheels school-tools
