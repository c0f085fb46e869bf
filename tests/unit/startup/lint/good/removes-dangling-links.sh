#!/bin/bash
find "$HOME" -maxdepth 1 -xtype l -delete
[ -L "$HOME/old-data" ] && rm "$HOME/old-data"
ln -sfn /nfs/data "$HOME/data"
