#!/bin/bash
fresh() {
  rm -rf "$1"  # expect: delete-in-home
}
fresh "$HOME/exercises"
