#!/bin/bash
printf 'export %s=%s\n' DATA /nfs/data >>~/.profile  # expect: grows-each-start
