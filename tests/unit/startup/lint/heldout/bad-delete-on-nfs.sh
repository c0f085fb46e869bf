#!/bin/bash
rm -rf /nfs/data/old-release  # expect: delete-shared
