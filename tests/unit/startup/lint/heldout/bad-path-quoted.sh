#!/bin/bash
PATH="/nfs/bin:/nfs/sbin:${PATH}"  # expect: path-shared-first
export PATH
