#!/bin/bash
# before-notebook.d/20-setup.sh: runs in every start
set -o nounset  # expect: option-leak
umask 022
