#!/bin/bash
fetch() { curl -sSf "$1" -o "$2"; }  # expect: no-timeout
fetch https://example.org/a.csv /tmp/a.csv
