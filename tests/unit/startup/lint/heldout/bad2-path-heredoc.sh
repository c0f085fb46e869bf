#!/bin/bash
cat > /etc/profile.d/nfs.sh <<'EOF'
PATH=/nfs/bin:$PATH
EOF
# expect: path-shared-first@3
