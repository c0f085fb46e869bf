#!/bin/bash
jupyter nbconvert --clear-output --inplace "$HOME"/course/*.ipynb  # expect: overwrite-in-home
