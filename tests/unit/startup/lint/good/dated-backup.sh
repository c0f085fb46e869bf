#!/bin/bash
set -eu
if [ -d "$HOME/course" ]; then
  mv "$HOME/course" "$HOME/course-$(date +%Y%m%d-%H%M%S)"
fi
timeout 120 git clone https://github.com/example/course "$HOME/course"
