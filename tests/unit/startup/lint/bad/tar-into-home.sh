#!/bin/bash
tar -xzf /nfs/data/images.tar.gz -C "$HOME/images"  # expect: copy-from-shared overwrite-in-home
