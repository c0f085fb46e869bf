#!/bin/bash
if ! conda list | grep -q '^healpy '; then
    timeout 300 conda install -y -q -c conda-forge healpy
fi
