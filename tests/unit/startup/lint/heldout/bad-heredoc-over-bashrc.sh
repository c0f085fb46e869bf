#!/bin/bash
cat > ~/.bashrc <<EOF
export PATH=$PATH:/nfs/bin
EOF
# expect: overwrite-in-home@2
