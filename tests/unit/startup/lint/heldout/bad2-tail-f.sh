#!/bin/bash
touch ~/.start.log
tail -f ~/.start.log  # expect: endless
