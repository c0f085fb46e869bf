set -e  # expect: missing-shebang@1
mkdir -p "$HOME/work"
