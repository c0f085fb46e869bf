#!/bin/bash
yum install git-lfs  # expect: interactive
