#!/bin/bash
cat >> ~/.bash_profile <<'EOF'
source /nfs/misc/school.sh
EOF
# expect: grows-each-start@2
