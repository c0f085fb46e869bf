#!/bin/bash
# Starts a student's server as the Jupyter Docker Stacks images do, as far as hooks can notice:
# hooks first, then the command, as root with a drop to $NB_USER or as a plain user.
# For the demo (a plain user, folders re-rooted by environment) and for the tests (root in a
# throw-away root). Written anew after the behaviour of `start.sh` and `run-hooks.sh` of
# jupyter/docker-stacks; it is no copy of them and does less. Works with bash 3.2 (macOS).
#
#   start-singleuser.sh [--option ...]    runs jupyterhub-singleuser with these options
#   start-singleuser.sh COMMAND ...       runs COMMAND
#
#   GROWTH_HOOKS_DIR   hooks that run before the server (default /usr/local/bin/before-notebook.d)
#   GROWTH_CHAIN_ERA   new: a failing hook is reported and the start goes on (default)
#                      old: it ends the start, as in images built before 2026-07-23

set -e # as start.sh has it: a hook is sourced under this

_log() {
    if [ "$1" != INFO ] || [ -z "${JUPYTER_DOCKER_STACKS_QUIET}" ]; then
        printf '%s[%s] %s\n' "$1" "$(date '+%Y-%m-%d %H:%M:%S')" "${*:2}" >&2
    fi
}
_log_info() { _log INFO "$@"; }
_log_warn() { _log WARNING "$@"; }
_log_error() { _log ERROR "$@"; }

chain_folder="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"

case "${1:-}" in
    '' | -*) cmd=(jupyterhub-singleuser "$@") ;;
    *) cmd=("$@") ;;
esac
_log_info "Entered the start chain with:" "${cmd[@]}"

if [ "$(id -u)" -eq 0 ]; then
    # shellcheck source=growth_admin/deploy/chain/settle-user.sh
    source "${chain_folder}/settle-user.sh"
fi

# shellcheck source=growth_admin/deploy/chain/run-hooks.sh
source "${chain_folder}/run-hooks.sh" "${GROWTH_HOOKS_DIR:-/usr/local/bin/before-notebook.d}"

if [ "$(id -u)" -eq 0 ]; then
    _log_info "Running as ${NB_USER}:" "${cmd[@]}"
    # sudo computes the groups anew from /etc/group and cleans PATH and the loader's variables:
    # what a hook may rely on is decided here, so it is the same call as in the images.
    exec sudo --preserve-env --set-home --user "${NB_USER}" \
        LD_LIBRARY_PATH="${LD_LIBRARY_PATH:-}" \
        PATH="${PATH}" \
        PYTHONPATH="${PYTHONPATH:-}" \
        "${cmd[@]}"
fi
_log_info "Executing the command:" "${cmd[@]}"
exec "${cmd[@]}"
