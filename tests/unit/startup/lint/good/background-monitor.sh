#!/bin/bash
nohup python3 /nfs/bin/monitor.py >"$HOME/.monitor.log" 2>&1 </dev/null &
