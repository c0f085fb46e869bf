#!/bin/bash
RC="$HOME/.bashrc"
if grep -q "growth-school" "$RC" 2>/dev/null; then
    echo "already set up"
else
    {
        echo ""
        echo "# growth-school"
        echo "export MPLCONFIGDIR=\$HOME/.config/matplotlib"
    } >> "$RC"
fi
