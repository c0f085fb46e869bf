#!/bin/bash
wget -q -P "$HOME/.school" https://example.org/list.txt  # expect: no-timeout
