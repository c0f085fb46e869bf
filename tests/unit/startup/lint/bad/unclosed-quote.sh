#!/bin/bash
echo "hello
mkdir -p "$HOME/work"
# expect: syntax@3
