#!/bin/bash
for v in A B C; do echo "export $v=1" >> "$HOME/.bash_profile"; done  # expect: grows-each-start
