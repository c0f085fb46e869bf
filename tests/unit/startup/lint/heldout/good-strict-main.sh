#!/usr/bin/env bash
set -Eeuo pipefail
IFS=$'\n\t'

readonly COURSE_URL="https://github.com/example/summer-course"
readonly COURSE_DIR="${HOME}/summer-course"

die() {
    echo "as-user: $*" >&2
    exit 1
}

main() {
    mkdir -p "${HOME}/work" "${HOME}/.jupyter"
    timeout --kill-after=5 90 gitpuller "${COURSE_URL}" main "${COURSE_DIR}" \
        || die "could not update the course"
    ln -sfn /nfs/data "${HOME}/data"
}

main "$@"
