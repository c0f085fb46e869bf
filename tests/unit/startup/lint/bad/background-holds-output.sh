#!/bin/bash
python3 /nfs/bin/monitor.py &  # expect: background-output
