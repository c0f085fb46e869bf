#!/bin/bash
nohup /nfs/bin/watcher.sh > /tmp/watcher.log &  # expect: background-output
