#!/bin/bash
set -uo pipefail
status=0
log() { printf '%s %s\n' "$(date -u +%FT%TZ)" "$*"; }
step() {
  local name=$1
  shift
  if "$@"; then log "$name: ok"; else log "$name: failed"; status=1; fi
}
step course timeout 60 gitpuller https://github.com/example/course main "$HOME/course"
step link ln -sfn /nfs/data "$HOME/data"
exit "$status"
