#!/bin/bash
# Stands in for the server: writes down everything that a hook could have left behind, and ends.
out="${GROWTH_TEST_RESULT}"
{
    pwd
    umask
    trap -p
    set -o
    ulimit -a
} >"${out}/shell"
id -u >"${out}/uid"
id -G | tr ' ' '\n' | sort -n | tr '\n' ' ' >"${out}/groups"
if [ -r /proc/self/status ]; then
    grep -E '^(Sig|Groups|NoNewPrivs|CapEff|Seccomp)' /proc/self/status | grep -v SigQ >"${out}/process"
    # Descriptors above 2; 3 and 255 are ls's and bash's own.
    for descriptor in /proc/$$/fd/*; do
        descriptor="${descriptor##*/}"
        [ "${descriptor}" -le 2 ] || [ "${descriptor}" -eq 255 ] || echo "${descriptor}"
    done >"${out}/descriptors"
fi
printf '%s\n' "$@" >"${out}/arguments"
env | grep -v '^_=' | sort >"${out}/environment"
: >"${out}/started"
