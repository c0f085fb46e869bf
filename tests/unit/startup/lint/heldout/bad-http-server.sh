#!/bin/bash
python3 -m http.server 8000  # expect: endless
