#!/bin/bash
cleanup() { rm -rf "$HOME/lecture-notes"; }  # expect: delete-in-home
trap cleanup EXIT
