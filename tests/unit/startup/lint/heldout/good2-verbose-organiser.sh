#!/bin/bash
#
# as-user.sh -- runs as the student each time the server starts.
# Maintainer: organisers@example.org
#
set -o errexit -o nounset -o pipefail

SCHOOL_REPO=https://github.com/example/school
SCHOOL_DIR=$HOME/school

echo "[$(date +%T)] as-user.sh for $NB_USER"

# 1. course material: gitpuller keeps the students' edits
if timeout 120 gitpuller "$SCHOOL_REPO" main "$SCHOOL_DIR"; then
    echo "material is up to date"
else
    echo "WARNING: material not updated (exit $?)" >&2
fi

# 2. data: a link is enough, nobody writes there
ln -sfn /nfs/data "$HOME/data"

# 3. desktop icon
mkdir -p "$HOME/Desktop"
install -m 755 /nfs/misc/DS9.desktop "$HOME/Desktop/"

echo "[$(date +%T)] done"
