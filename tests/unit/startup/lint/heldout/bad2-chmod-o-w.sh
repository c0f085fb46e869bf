#!/bin/bash
chmod -R o+w /nfs/scratch  # expect: world-writable
