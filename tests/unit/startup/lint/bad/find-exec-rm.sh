#!/bin/bash
find ~ -maxdepth 2 -name 'solution*' -exec rm {} \;  # expect: delete-in-home
