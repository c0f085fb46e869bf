#!/bin/bash
python3 -c "
import requests
r = requests.get('https://example.org/ready')
print(r.status_code)
"
# expect: no-timeout@4
