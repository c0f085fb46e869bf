#!/bin/bash
find "$HOME/course" -name '*.ipynb' -mtime +7 -delete  # expect: delete-in-home
