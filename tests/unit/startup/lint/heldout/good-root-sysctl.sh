#!/bin/bash
set -eu
ulimit -n 4096
for name in growth-data growth-admin; do
    getent group "$name" >/dev/null || groupadd "$name"
done
usermod -aG growth-data "${NB_USER:?}"
chown root:growth-data /srv 2>/dev/null || true
