#!/bin/bash
cp -rf /opt/course-material/. $HOME/  # expect: overwrite-in-home
