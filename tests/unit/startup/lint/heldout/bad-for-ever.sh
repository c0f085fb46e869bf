#!/bin/bash
for ((;;)); do  # expect: endless
  date > /tmp/alive
  sleep 5
done
