#!/bin/bash
curl -sSL --max-time 30 https://example.org/setup.sh | bash  # expect: pipe-hides-exit
