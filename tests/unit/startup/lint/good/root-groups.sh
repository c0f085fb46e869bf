#!/bin/bash
set -euo pipefail
if ! getent group growth-data >/dev/null; then
  groupadd -g "${GROWTH_DATA_GID:-2000}" growth-data
fi
usermod -aG growth-data "$NB_USER"
id "$NB_USER"
