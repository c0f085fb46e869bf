#!/bin/bash
timeout 60 git clone https://github.com/example/course "$HOME/course"  # expect: not-repeatable
