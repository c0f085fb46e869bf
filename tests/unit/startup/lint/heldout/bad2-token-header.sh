#!/bin/bash
curl -m 10 -s -H "Authorization: token 0123456789abcdef0123456789abcdef01234567" https://api.example.org/  # expect: secret
