#!/bin/bash
python3 -m pip install --user --quiet astroquery  # expect: no-timeout
