#!/bin/bash
mkdir -p ~/.ssh && chmod 700 ~/.ssh
if ! ssh-keygen -F github.com >/dev/null 2>&1; then
    timeout 10 ssh-keyscan -t ed25519 github.com 2>/dev/null > ~/.ssh/known_hosts.school
fi
