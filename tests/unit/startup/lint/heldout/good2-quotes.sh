#!/bin/bash
msg='do not run: sudo rm -rf /home; while true; do :; done'
echo "$msg" >/dev/null
cat <<EOT >/dev/null
git clone https://user:<your-token>@example.org/x
export API_KEY=<paste it here>
EOT
