#!/bin/bash
timeout 60 git clone https://tutor:gr0wth2026@git.example.org/solutions.git /tmp/solutions  # expect: secret
