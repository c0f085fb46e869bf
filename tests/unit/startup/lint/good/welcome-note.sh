#!/bin/bash
cat > "$HOME/WELCOME.md" <<'EOF'
# Welcome
If you delete a file with `rm -rf ~/work`, we cannot bring it back.
Get data with: curl https://example.org/data.csv
password = ask your tutor
EOF
