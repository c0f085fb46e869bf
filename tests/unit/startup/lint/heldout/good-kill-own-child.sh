#!/bin/bash
sleep 30 >/dev/null 2>&1 &
pid=$!
timeout 10 gitpuller https://github.com/example/course main "$HOME/course"
rc=$?
kill "$pid" 2>/dev/null
exit "$rc"
