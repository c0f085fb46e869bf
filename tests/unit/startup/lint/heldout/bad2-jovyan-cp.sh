#!/bin/bash
ln -sfn /nfs/data "/home/jovyan/data"  # expect: fixed-home
