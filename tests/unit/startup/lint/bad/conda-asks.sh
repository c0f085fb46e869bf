#!/bin/bash
timeout 300 conda install -c conda-forge healpy  # expect: interactive
