#!/bin/bash
perl -pi -e 's/2025/2026/' ~/course/config.py  # expect: overwrite-in-home
