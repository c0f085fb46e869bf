#!/bin/bash
git config --global --add safe.directory "$HOME/course"  # expect: grows-each-start
