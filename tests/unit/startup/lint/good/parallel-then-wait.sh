#!/bin/bash
timeout 60 gitpuller https://github.com/example/one main "$HOME/one" &
first=$!
timeout 60 gitpuller https://github.com/example/two main "$HOME/two" &
second=$!
failed=0
wait "$first" || failed=1
wait "$second" || failed=1
exit "$failed"
