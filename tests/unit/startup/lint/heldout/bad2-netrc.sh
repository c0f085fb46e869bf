#!/bin/bash
umask 077
cat > ~/.netrc <<'EOF'
machine git.example.org login tutor password s3cr3tpw
EOF
# expect: secret@4 overwrite-in-home@3
