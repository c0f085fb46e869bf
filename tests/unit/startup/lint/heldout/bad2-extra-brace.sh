#!/bin/bash
f() {
  echo hi
}}
f
# expect: syntax@4
