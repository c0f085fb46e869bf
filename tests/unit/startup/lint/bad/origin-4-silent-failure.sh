#!/bin/bash
timeout 60 gitpuller https://github.com/example/course main "$HOME/course"
cp /nfs/misc/DS9.desktop "$HOME/Desktop/"
exit 0  # expect: failure-hidden
