#!/bin/bash
kill -9 -1  # expect: kills-start
