#!/bin/bash
source /opt/conda/etc/profile.d/conda.sh
conda update --all -n base  # expect: interactive
