#!/bin/bash
# expect: bom@1
mkdir -p "$HOME/work"
