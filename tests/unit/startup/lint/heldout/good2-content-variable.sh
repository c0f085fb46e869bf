#!/bin/bash
rc=$(<"$HOME/.bashrc")
if [[ "$rc" != *SCHOOL_ENV* ]]; then
    echo 'export SCHOOL_ENV=1' >> "$HOME/.bashrc"
fi
