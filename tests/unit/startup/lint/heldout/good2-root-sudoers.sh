#!/bin/bash
set -eu
tmp=$(mktemp)
trap 'rm -f "$tmp"' EXIT
echo '%growth-admin ALL=(ALL) NOPASSWD:ALL' > "$tmp"
if visudo -cf "$tmp" > /dev/null; then
    install -m 0440 "$tmp" /etc/sudoers.d/growth-admin
fi
