#!/bin/bash
tries=0
until [ -d /nfs/data ]; do
  tries=$((tries + 1))
  if [ "$tries" -ge 10 ]; then
    echo "/nfs is not there" >&2
    exit 1
  fi
  sleep 1
done
ln -sfn /nfs/data "$HOME/data"
