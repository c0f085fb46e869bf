#!/bin/bash
export OPENAI_API_KEY="sk-abcdefghijklmnopqrstuvwxyz0123456789"  # expect: secret
