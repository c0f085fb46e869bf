#!/bin/bash
while [ $# -gt 0 ]; do
  case "$1" in
    --quiet) quiet=1 ;;
    *) echo "unknown: $1" >&2 ;;
  esac
  shift
done
echo "${quiet:-0}"
