#!/bin/bash
echo "$(date -u) start of $NB_USER" >> "$HOME/.start.log"
exec >> "$HOME/.start.log" 2>&1
ln -sfn /nfs/data "$HOME/data"
