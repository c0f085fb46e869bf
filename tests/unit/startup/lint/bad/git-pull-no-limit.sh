#!/bin/bash
git -C "$HOME/course" pull --ff-only  # expect: no-timeout
