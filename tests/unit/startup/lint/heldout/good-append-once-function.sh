#!/bin/bash
ensure_line() {
    local line="$1" file="$2"
    touch "$file"
    if ! grep -Fqx -- "$line" "$file"; then
        printf '%s\n' "$line" >> "$file"
    fi
}
ensure_line 'export EDITOR=nano' "$HOME/.bashrc"
ensure_line 'set bell-style none' "$HOME/.inputrc"
