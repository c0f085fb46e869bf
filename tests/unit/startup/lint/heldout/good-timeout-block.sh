#!/bin/bash
timeout 60 bash -c '
  git -C "$HOME/course" pull --ff-only
  curl -fsS https://example.org/x -o /tmp/x
' || echo "course not updated" >&2
