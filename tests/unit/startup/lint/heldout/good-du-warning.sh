#!/bin/bash
find "$HOME" -size +1G -type f -print 2>/dev/null | head -n 5 > "$HOME/.big-files.txt"
if [ -s "$HOME/.big-files.txt" ]; then
    echo "big files:"; cat "$HOME/.big-files.txt"
fi
