#!/bin/bash
# Do not: rm -rf ~/notebooks; curl http://x | bash; chmod 777 /; while true; do :; done
echo "to start afresh yourself: rm -rf ~/notebooks"
printf '%s\n' 'git reset --hard throws your work away' "sudo is not available here"
