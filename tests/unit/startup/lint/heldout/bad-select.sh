#!/bin/bash
while true; do
  read -p "continue? " yn  # expect: interactive
  case $yn in [Yy]*) break ;; esac
done
