#!/bin/bash
if [-d /nfs/data]; then  # expect: syntax
  echo yes
fi
