#!/bin/dash
set -o pipefail  # expect: bash-in-sh
echo $((1 + 1))
