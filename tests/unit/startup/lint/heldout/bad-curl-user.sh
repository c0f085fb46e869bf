#!/bin/bash
curl -s --max-time 20 -u admin:Pa55word https://example.org/x -o /tmp/x  # expect: secret
