#!/bin/bash
set -eu
for dir in /nfs/data /nfs/bin; do
    if ! timeout 5 test -d "$dir"; then
        echo "$dir is not mounted" >&2
    fi
done
install -d -m 0755 -o "$NB_UID" -g "$NB_GID" "/home/$NB_USER/work"
