#!/bin/bash
ln -sfn /nfs/data ~/data
sleep infinity  # expect: endless
