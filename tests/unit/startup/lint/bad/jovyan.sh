#!/bin/bash
mkdir -p /home/jovyan/work  # expect: fixed-home
