#!/bin/bash
grep -q SCHOOL_ENV ~/.bashrc && exit 0
echo 'export SCHOOL_ENV=2026' >> ~/.bashrc
