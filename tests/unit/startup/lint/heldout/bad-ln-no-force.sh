#!/bin/bash
ln -s /nfs/data $HOME/data  # expect: not-repeatable
