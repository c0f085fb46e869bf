#!/bin/bash
wget --quiet --timeout=15 --tries=2 -O /tmp/list.txt https://example.org/list.txt || exit 1
