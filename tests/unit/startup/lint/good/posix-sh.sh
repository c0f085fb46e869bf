#!/bin/sh
set -eu
target="$HOME/.jupyter"
mkdir -p "$target"
cat > "$target/jupyter_server_config.py" <<EOF
c.ServerApp.root_dir = "$HOME"
c.ServerApp.token = ''
EOF
