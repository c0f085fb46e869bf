#!/bin/bash
add_to_rc () {
    printf '%s\n' "$1" >> "${HOME}/.bashrc"  # expect: grows-each-start
}
add_to_rc 'export EDITOR=nano'
add_to_rc 'alias gs="git status"'
