#!/bin/bash
python3 - <<EOF
import os
os.system("rm -rf ~/solutions")
EOF
# expect: delete-in-home@4
