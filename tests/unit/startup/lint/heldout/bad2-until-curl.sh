#!/bin/bash
until curl -s --max-time 2 http://hub:8081/health; do sleep 1; done  # expect: endless
