#!/bin/bash
if [ -d /nfs/data ]  # expect: syntax
  ln -sfn /nfs/data ~/data
fi
