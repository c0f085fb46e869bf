#!/bin/bash
set -o pipefail
timeout 60 gitpuller https://github.com/example/course main "$HOME/course" 2>&1 | tee "$HOME/.pull.log"
