#!/bin/bash
echo "alias ll='ls -l'" | tee -a "$HOME/.bashrc" > /dev/null  # expect: grows-each-start
