#!/bin/bash
scp -q tutor@host.example.org:list.txt /tmp/  # expect: no-timeout
