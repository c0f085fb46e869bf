#!/bin/bash
(
  cd "${HOME}/course"
  git stash -u  # expect: git-discards-work
  timeout 60 git pull -q
)
