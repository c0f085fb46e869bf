#!/bin/bash
# This file is sourced by start.sh
set -eu  # expect: option-leak
ln -sfn /nfs/data "/home/$NB_USER/data"
