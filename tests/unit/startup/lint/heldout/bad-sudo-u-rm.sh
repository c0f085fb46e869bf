#!/bin/bash
sudo -u "$NB_USER" rm -f "/home/${NB_USER}/assignment.ipynb"  # expect: delete-in-home
