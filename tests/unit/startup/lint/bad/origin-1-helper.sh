#!/bin/bash
python3 /nfs/bin/delete_old_notebooks.py  # expect: delete-in-home
timeout 120 gitpuller https://github.com/example/summer-school main "$HOME/summer-school"
