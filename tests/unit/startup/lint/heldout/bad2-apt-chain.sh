#!/bin/bash
export DEBIAN_FRONTEND=noninteractive
timeout 60 apt-get update && apt-get upgrade  # expect: interactive
