#!/bin/bash
version="$(wget -qO- https://example.org/version)"  # expect: no-timeout
echo "$version"
