#!/bin/bash
if ! sudo mount /nfs; then echo "no /nfs" >&2; fi  # expect: interactive
