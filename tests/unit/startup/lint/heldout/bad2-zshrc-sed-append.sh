#!/bin/bash
sed -i '$ a export SCHOOL=2026' ~/.bashrc  # expect: grows-each-start
