#!/bin/bash
while [ ! -d /nfs/data ]; do  # expect: endless
  echo waiting
  sleep 3
done
