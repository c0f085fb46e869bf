#!/bin/bash
set -e
chown "$NB_USER:" "/home/$NB_USER"
sudo -u "$NB_USER" -H mkdir -p "/home/$NB_USER/work"
runuser -u "$NB_USER" -- ln -sfn /nfs/data "/home/$NB_USER/data"
