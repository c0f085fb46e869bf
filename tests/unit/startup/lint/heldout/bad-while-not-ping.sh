#!/bin/bash
while ! ping -c1 -W1 example.org >/dev/null 2>&1; do  # expect: endless
  sleep 2
done
