#!/bin/bash
for f in $(ls ~/notebooks/*.ipynb); do
  rm $f  # expect: delete-in-home
done
