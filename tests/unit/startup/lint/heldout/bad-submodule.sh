#!/bin/bash
git -C ~/course submodule update --init  # expect: no-timeout
