#!/bin/bash
echo "jovyan:letmein42" | chpasswd  # expect: secret
