#!/bin/bash
unset PASSWORD
secret_count=3
password_prompt="Password: "
token_url="https://example.org/token"
echo "$secret_count $password_prompt $token_url" >/dev/null
