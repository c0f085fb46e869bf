#!/bin/bash
{
  echo "# school"
  echo "export SCHOOL=1"
} >> "$HOME/.profile"
# expect: grows-each-start@5
