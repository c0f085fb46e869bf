#!/bin/bash
set -euo pipefail
opts=(--fail --silent --show-error --location --max-time 20 --retry 2)
curl "${opts[@]}" -o /tmp/motd.txt https://example.org/motd.txt
