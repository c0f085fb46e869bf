#!/bin/bash
rm -rf "/home/$NB_USER/tutorials"  # expect: delete-in-home
