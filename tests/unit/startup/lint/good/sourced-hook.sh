# Installed as /usr/local/bin/before-notebook.d/50-school.sh
(
  set -eu
  cd "/home/$NB_USER"
  ln -sfn /nfs/data data
  exit 0
) </dev/null >/dev/null 2>&1 || :
