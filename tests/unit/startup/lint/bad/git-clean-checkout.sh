#!/bin/bash
git -C "$HOME/course" checkout -- .  # expect: git-discards-work
git -C "$HOME/course" clean -fdx  # expect: git-discards-work
