#!/bin/bash
vim /etc/hosts  # expect: interactive
