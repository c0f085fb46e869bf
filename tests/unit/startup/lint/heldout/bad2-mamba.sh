#!/bin/bash
mamba create -n school python=3.11  # expect: interactive
