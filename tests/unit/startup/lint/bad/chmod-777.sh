#!/bin/bash
chmod -R 777 "$HOME/course"  # expect: world-writable
