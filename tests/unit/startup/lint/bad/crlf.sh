#!/bin/bash
# expect: crlf@1
mkdir -p "$HOME/work"
