#!/bin/bash
set -eu
mirror="$HOME/.cache/course"
if [ -d "$mirror" ]; then
    timeout 60 git -C "$mirror" fetch --quiet origin
    git -C "$mirror" reset --hard --quiet origin/main
else
    timeout 120 git clone --quiet https://github.com/example/course "$mirror"
fi
