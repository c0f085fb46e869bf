#!/bin/bash
LOG=/tmp/start.log
python3 /nfs/bin/setup_user.py |& tee -a "$LOG"  # expect: pipe-hides-exit
