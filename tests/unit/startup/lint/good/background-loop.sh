#!/bin/bash
(
  while true; do
    df -h "$HOME"
    sleep 600
  done
) >/tmp/df.log 2>&1 &
