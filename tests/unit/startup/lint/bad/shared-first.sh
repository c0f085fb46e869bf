#!/bin/bash
export PATH=/nfs/bin:$PATH  # expect: path-shared-first
