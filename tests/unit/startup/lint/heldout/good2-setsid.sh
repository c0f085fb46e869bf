#!/bin/bash
setsid -f /nfs/bin/watch-quota.sh "$HOME" >/tmp/quota.log 2>&1 < /dev/null
