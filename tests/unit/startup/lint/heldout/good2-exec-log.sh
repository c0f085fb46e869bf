#!/bin/bash
mkdir -p "$HOME/.local/state"
exec >>"$HOME/.local/state/start.log" 2>&1
date
sleep 20 &
