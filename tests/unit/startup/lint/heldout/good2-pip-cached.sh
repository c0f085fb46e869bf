#!/bin/bash
export PIP_DEFAULT_TIMEOUT=10 PIP_RETRIES=1
python3 -c 'import healpy' 2>/dev/null || pip install --user --quiet healpy
