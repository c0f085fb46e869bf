#!/bin/bash
pkill -u "$NB_USER" python  # expect: kills-start
