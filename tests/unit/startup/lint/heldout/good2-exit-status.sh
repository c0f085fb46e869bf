#!/bin/bash
rc=0
timeout 60 gitpuller https://github.com/example/a main "$HOME/a" || rc=$?
if [ $rc -ne 0 ]; then
    echo "gitpuller ended with $rc" >&2
fi
exit 0
