# This file is sourced by start.sh.
if [ -z "${NB_USER:-}" ]; then
    return 0
fi
export SCHOOL_YEAR=2026
