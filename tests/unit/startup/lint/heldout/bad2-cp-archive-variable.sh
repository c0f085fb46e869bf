#!/bin/bash
set -e
readonly DATA_ROOT=/nfs/survey
dest="${HOME}/survey"
mkdir -p "${dest}"
cp --recursive --no-dereference "${DATA_ROOT}/images" "${dest}"  # expect: copy-from-shared
