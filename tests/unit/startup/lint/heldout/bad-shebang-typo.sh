#/bin/bash
# expect: missing-shebang@1
mkdir -p ~/work
