#!/bin/bash
for f in a b; do  # expect: syntax
  echo "$f"
