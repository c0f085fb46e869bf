#!/bin/bash
set -e
dir="$HOME/.ipython/profile_default/startup"
mkdir -p "$dir"
cat > "$dir/10-school.py" <<'EOF'
import os
os.environ.setdefault("SCHOOL", "2026")
EOF
