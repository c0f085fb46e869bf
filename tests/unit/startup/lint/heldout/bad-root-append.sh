#!/bin/bash
echo "umask 027" >> /home/$NB_USER/.profile  # expect: grows-each-start
