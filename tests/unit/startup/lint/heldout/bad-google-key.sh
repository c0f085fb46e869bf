#!/bin/bash
# key: AIzaSyA1234567890abcdefghijklmnopqrstuv  # expect: secret
mkdir -p ~/x
