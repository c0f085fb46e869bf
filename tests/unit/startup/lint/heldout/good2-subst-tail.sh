#!/bin/bash
last=$(tail -n 1 "$HOME/.start.log" 2>/dev/null)
users=$(who | wc -l)
echo "last: $last users: $users"
