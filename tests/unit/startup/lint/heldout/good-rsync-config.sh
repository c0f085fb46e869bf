#!/bin/bash
set -eu
rsync -a /nfs/config/jupyter/ "$HOME/.jupyter/"
rsync -a /nfs/config/matplotlib/ "$HOME/.config/matplotlib/"
