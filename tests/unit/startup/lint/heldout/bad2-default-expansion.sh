#!/bin/bash
WORKDIR="${WORKDIR:-$HOME/work}"
rm -rf "${WORKDIR:?}"/*  # expect: delete-in-home
