#!/bin/bash
if [ -f ~/.bashrc ]; then
    echo "source /nfs/misc/env.sh" >> ~/.bashrc  # expect: grows-each-start
fi
