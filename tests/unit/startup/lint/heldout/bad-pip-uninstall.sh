#!/bin/bash
pip uninstall numpy  # expect: interactive
