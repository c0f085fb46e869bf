#!/bin/bash
if ! command -v ds9 >/dev/null; then
  echo 'export PATH=$PATH:/nfs/bin' >> ~/.bashrc  # expect: grows-each-start
fi
