#!/bin/bash
if [ -d "$HOME/x" ]; then
  echo yes
# expect: syntax@2
