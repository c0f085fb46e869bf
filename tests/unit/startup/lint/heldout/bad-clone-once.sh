#!/bin/bash
if [ ! -d "$HOME/course" ]; then
  timeout 60 git clone -q https://github.com/example/course "$HOME/course"  # expect: copy-only-if-absent
fi
