# shellcheck shell=bash
# Sourced by start-singleuser.sh with one folder: *.sh in it is sourced into this very shell, any
# other executable is run, the rest is named and left. A hook's folder that does not exist ends the
# start.

if [ "$#" -ne 1 ] || [ ! -d "$1" ]; then
    _log_error "There is no folder of hooks: ${1:-}"
    return 1
fi

# Before 2026-07-23 errexit stayed on while hooks ran, so a failing hook ended the start and the
# message below was never reached. Since then errexit is off meanwhile. (`if ! source` would not do:
# it would also switch off a `set -e` that a hook has for itself.)
[ "${GROWTH_CHAIN_ERA:-new}" = old ] || set +e

_log_info "Running hooks in: $1 as uid: $(id -u) gid: $(id -g)"
for hook in "$1"/*; do
    [ -e "${hook}" ] || continue
    hook_code=0
    case "${hook}" in
        *.sh)
            _log_info "Sourcing: ${hook}"
            # shellcheck disable=SC1090
            source "${hook}"
            hook_code=$?
            ;;
        *)
            if [ -x "${hook}" ]; then
                _log_info "Running: ${hook}"
                "${hook}"
                hook_code=$?
            else
                _log_info "Ignoring non-executable: ${hook}"
            fi
            ;;
    esac
    # A hook may have switched errexit on and left it so.
    [ "${GROWTH_CHAIN_ERA:-new}" = old ] || set +e
    if [ "${hook_code}" -ne 0 ]; then
        _log_error "${hook} has failed with exit code ${hook_code}, the start goes on"
    fi
done
_log_info "Done running hooks in: $1"
set -e
unset hook hook_code
