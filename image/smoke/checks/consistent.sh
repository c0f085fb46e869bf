#!/bin/bash
# What is installed fits together, as far as the packages say what they need.
exec python -m pip check --disable-pip-version-check
