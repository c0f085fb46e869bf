#!/bin/bash
cat /nfs/misc/template.ipynb > ~/exercise.ipynb  # expect: overwrite-in-home
