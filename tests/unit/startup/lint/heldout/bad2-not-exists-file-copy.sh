#!/bin/bash
if [[ ! -f ~/catalog.fits ]]; then cp /nfs/data/catalog.fits ~/; fi  # expect: copy-only-if-absent copy-from-shared
