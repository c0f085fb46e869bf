#!/bin/bash
read -s token  # expect: interactive
export token
