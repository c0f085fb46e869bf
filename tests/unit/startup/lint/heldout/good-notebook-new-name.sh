#!/bin/bash
set -eu
today=$(date +%F)
mkdir -p "$HOME/exercises"
if [ ! -e "$HOME/exercises/start-$today.ipynb" ]; then
    printf '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}\n' \
        > "$HOME/exercises/start-$today.ipynb"
fi
