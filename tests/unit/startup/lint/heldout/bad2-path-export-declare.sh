#!/bin/bash
declare -x PATH="/nfs/bin:$PATH"  # expect: path-shared-first
