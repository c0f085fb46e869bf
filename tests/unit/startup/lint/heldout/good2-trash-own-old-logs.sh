#!/bin/bash
find "$HOME/.local/state" -name 'start-*.log' -mtime +7 -delete
find /tmp -maxdepth 1 -user "$NB_USER" -name 'school-*' -exec rm -rf {} +
