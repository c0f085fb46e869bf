#!/bin/bash
set -e
cat > /etc/profile.d/school.sh <<'EOF'
export PATH="$PATH:/nfs/bin"
export SCHOOL_DATA=/nfs/data
EOF
chmod 644 /etc/profile.d/school.sh
