
#!/bin/bash
# expect: missing-shebang@1
mkdir -p "$HOME/work"
