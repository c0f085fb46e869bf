#!/bin/bash
# expect: not-executable@1
mkdir -p "$HOME/work"
