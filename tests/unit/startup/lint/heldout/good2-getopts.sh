#!/bin/bash
verbose=0
while getopts "vh" opt; do
    case $opt in
        v) verbose=1 ;;
        h) echo "usage: $0 [-v]"; exit 0 ;;
        *) exit 2 ;;
    esac
done
[ "$verbose" -eq 0 ] || echo "verbose"
