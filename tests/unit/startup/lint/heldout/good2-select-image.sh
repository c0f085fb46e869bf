#!/bin/bash
case "${GROWTH_IMAGE:-}" in
    *:2026.11*) kernel=school-11 ;;
    *) kernel=python3 ;;
esac
mkdir -p "$HOME/.jupyter/lab/user-settings/@jupyterlab/notebook-extension"
cat > "$HOME/.jupyter/lab/user-settings/@jupyterlab/notebook-extension/tracker.jupyterlab-settings" <<EOF
{"defaultKernel": "$kernel"}
EOF
