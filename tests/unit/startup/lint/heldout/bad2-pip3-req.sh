#!/bin/bash
pip3 install -r /nfs/requirements.txt --quiet || echo "pip failed"  # expect: no-timeout
