#!/bin/bash
# /usr/local/bin/before-notebook.d/99-check.sh
: "${GROWTH_AREAS:?must be set}"
[[ -d /nfs ]] || { echo "no nfs" >&2; exit 2; }  # expect: exit-in-sourced
