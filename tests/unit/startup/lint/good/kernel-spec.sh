#!/bin/bash
set -e
python3 -m ipykernel install --user --name school --display-name "School 2026"
