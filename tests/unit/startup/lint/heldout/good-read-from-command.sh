#!/bin/bash
read -r total used _ < <(df -P "$HOME" | awk 'NR==2{print $2, $3, $4}')
echo "$used of $total KiB used"
IFS=: read -r _ _ uid _ <<< "$(getent passwd "$NB_USER")"
echo "$uid"
