#!/bin/bash
curl -fsSL --connect-timeout 5 -o /tmp/catalogue.csv https://example.org/catalogue.csv  # expect: no-timeout
