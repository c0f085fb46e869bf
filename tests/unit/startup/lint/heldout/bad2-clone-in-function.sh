#!/bin/bash
update_repo() {
  local url="$1" dir="$2"
  if [ -d "$dir/.git" ]; then
    git -C "$dir" pull --ff-only  # expect: no-timeout
  else
    git clone "$url" "$dir"  # expect: no-timeout
  fi
}
update_repo https://github.com/example/a "$HOME/a"
