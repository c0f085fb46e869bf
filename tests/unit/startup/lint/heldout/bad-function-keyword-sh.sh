#!/bin/sh
function hello() {  # expect: bash-in-sh
  echo hi
}
hello
source ~/.profile  # expect: bash-in-sh
