#!/bin/bash
if [ -x /nfs/bin/ds9 ] && [ ! -e "$HOME/.local/bin/ds9" ]; then
    mkdir -p "$HOME/.local/bin"
    ln -s /nfs/bin/ds9 "$HOME/.local/bin/ds9"
fi
