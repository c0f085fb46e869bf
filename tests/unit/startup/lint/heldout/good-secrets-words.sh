#!/bin/bash
set -eu
TOKEN_FILE=/run/secrets/token
PASSWORD_HINT="ask your tutor"
unset GITHUB_TOKEN
export JUPYTER_TOKEN="${JUPYTERHUB_API_TOKEN:-}"
echo "$TOKEN_FILE $PASSWORD_HINT" > /dev/null
