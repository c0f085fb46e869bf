#!/bin/sh
mkdir -p "$HOME/Desktop"
cp /nfs/misc/DS9.desktop "$HOME/Desktop/DS9.desktop"
chmod 755 "$HOME/Desktop/DS9.desktop"
