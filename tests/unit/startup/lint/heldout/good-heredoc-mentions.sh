#!/bin/bash
cat <<'EOF'
If pip asks for a password, or you want: apt install vim, ask a tutor.
rm -rf ~/work cannot be undone.
read the docs at https://example.org/
EOF
