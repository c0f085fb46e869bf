#!/bin/bash
sudo chown -R "$USER" "$HOME/shared-notes"  # expect: interactive
