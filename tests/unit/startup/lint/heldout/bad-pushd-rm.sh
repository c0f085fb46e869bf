#!/bin/bash
pushd ~/school > /dev/null || exit 1
\rm -rf *.ipynb data/*.csv  # expect: delete-in-home
popd > /dev/null || exit 1
