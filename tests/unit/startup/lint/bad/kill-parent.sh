#!/bin/bash
[ -d /nfs/data ] || kill -9 $PPID  # expect: kills-start
