#!/bin/bash
while true; do  # expect: endless
  cp /nfs/misc/news.txt /tmp/news.txt
  sleep 60
done
