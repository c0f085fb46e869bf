#!/bin/bash
CMD="rm -rf $HOME/results"
eval "$CMD"  # expect: delete-in-home
