# shellcheck shell=bash
# Runs the school's two start scripts before a server starts. start.sh of docker-stacks *sources*
# this file, as root or as the container's user, under `set -e` (images before 2026-07-23) or not.
# Whatever is wrong with a script, a mount or the runner itself, the server must start. So the whole
# body is ONE command that cannot fail, and no line of it touches a mounted folder:
#   ( ... )    keeps variables, options, traps, folder and umask to itself; an exit or a kill ends
#              only the subshell;
#   || :       swallows every exit code, and switches errexit off inside;
#   < <( ... ) the work is done by a process that nobody waits for: this shell waits for one line,
#              and no longer than the two scripts may take.
# The runner (growth_chain in $GROWTH_CHAIN_LIB) sends that line over fd 8 when it has finished.
(
    set +o errexit +o nounset +o xtrace
    exec 9>&2 2>/dev/null
    per_script="${GROWTH_START_LIMIT_S:-60}" per_mount="${GROWTH_MOUNT_LIMIT_S:-5}"
    case "${per_script}" in '' | *[!0-9]* | ??????*) per_script=60 ;; esac
    case "${per_mount}" in '' | *[!0-9]* | ??????*) per_mount=5 ;; esac
    # 10# because "08" would be read as a broken octal number. Two scripts with a second each to
    # die in, the fetch, the groups, the receipt, the publishing, and five for the machine.
    patience=$((2 * (10#${per_script} + 2) + 4 * 10#${per_mount} + 5))
    library="${GROWTH_CHAIN_LIB:-/usr/local/lib/growth-admin}"
    exec 7< <(
        exec 8>&1 >/dev/null 9>&- 7<&-
        exec python3 -I -S "${library}/runner.py"
    )
    if IFS= read -r -t "${patience}" -u 7 verdict; then
        printf '%s\n' "growth-admin: ${verdict}" >&9
    else
        printf '%s\n' "growth-admin: the start scripts' runner (${library}/runner.py) gave no answer; the server starts without them, and without a record" >&9
    fi
) </dev/null >/dev/null || :
