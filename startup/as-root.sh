#!/bin/bash
# Runs as root in each server before it starts, for at most GROWTH_START_LIMIT_S seconds.
# What it prints, and its exit code, stand in the table "what every start did".
# Edit this file in the start scripts panel: it is linted, tried on a canary, and can be restored.
#
# As shipped: lets the organisers' sudo rules (sudoers.d in the admin folder) count in this server,
# each only if it is sound. /etc/sudoers must not include that folder itself: if it is sick, or one
# rule says no, nobody's server starts.

set -u
admin_root="${GROWTH_ADMIN_ROOT:-/home/admin}"
failures=0

try_sudo() {
    # The last thing before a server starts is `sudo -u`, so that is what must still work.
    timeout -k 1 5 sudo -n -u "${NB_USER:-nobody}" true >/dev/null 2>&1
}

install_rule() {
    # Checks a copy of its own, so that nobody can change the rule between check and use.
    local rule="$1" name staged installed
    name="$(basename "${rule}" | tr -c 'A-Za-z0-9_\n-' '_')"
    installed="/etc/sudoers.d/growth-${name}"
    staged="$(mktemp)" || return 1
    if ! cp "${rule}" "${staged}" || ! visudo -cf "${staged}" >/dev/null 2>&1; then
        rm -f "${staged}"
        echo "sudo rule ${rule}: visudo refuses it, left out" >&2
        return 1
    fi
    install -o root -g root -m 0440 "${staged}" "${installed}" || return 1
    rm -f "${staged}"
    if ! try_sudo; then
        rm -f "${installed}"
        echo "sudo rule ${rule}: with it no server could start, taken out again" >&2
        return 1
    fi
    echo "sudo rule ${name}: installed"
}

if [ "$(id -u)" -ne 0 ]; then
    echo "not root (uid $(id -u)): nothing to do"
    exit 0
fi
if [ -d "${admin_root}/etc/sudoers.d" ] && command -v visudo >/dev/null; then
    for rule in "${admin_root}/etc/sudoers.d"/*; do
        [ -f "${rule}" ] || continue
        install_rule "${rule}" || failures=$((failures + 1))
    done
fi
echo "as-root.sh: done, ${failures} failed"
[ "${failures}" -eq 0 ]
