#!/bin/bash
used=$(df --output=pcent "$HOME" | tail -n 1 | tr -dc '0-9')
if [ "${used:-0}" -gt 90 ]; then
  echo "home is $used % full" > "$HOME/.home-full"
else
  rm -f "$HOME/.home-full"
fi
