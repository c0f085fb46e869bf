#!/bin/bash
sudo -u "$NB_USER" bash <<'EOS'
cd ~/tutorial
git reset --hard HEAD
EOS
# expect: git-discards-work@4
