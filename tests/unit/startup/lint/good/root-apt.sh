#!/bin/bash
set -e
export DEBIAN_FRONTEND=noninteractive
timeout 120 apt-get update -qq
timeout 120 apt-get install -y --no-install-recommends saods9
