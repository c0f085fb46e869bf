#!/bin/bash
python3 /nfs/bin/report_start.py --user "$NB_USER" >/dev/null 2>&1 </dev/null &
disown
