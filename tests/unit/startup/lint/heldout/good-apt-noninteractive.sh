#!/bin/bash
set -e
export DEBIAN_FRONTEND=noninteractive
if ! command -v ds9 >/dev/null; then
    apt-get update -qq && apt-get install -yqq saods9
fi
