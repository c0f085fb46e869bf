#!/bin/bash
timeout 90 pip install -q -r /nfs/requirements.txt 2>&1 | tail -n 3  # expect: pipe-hides-exit
