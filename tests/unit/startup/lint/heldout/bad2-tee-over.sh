#!/bin/bash
cat /nfs/hw/hw1.ipynb | tee ~/hw1.ipynb > /dev/null  # expect: overwrite-in-home
