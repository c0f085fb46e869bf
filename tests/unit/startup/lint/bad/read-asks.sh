#!/bin/bash
read -r -p "Which module? " module  # expect: interactive
echo "$module"
