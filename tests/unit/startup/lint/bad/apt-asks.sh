#!/bin/bash
set -e
apt-get update -qq
apt-get install saods9  # expect: interactive
