#!/bin/bash
# Bring everybody back to a clean course.
cd "$HOME/summer-school" || exit 1
for nb in module1/photometry.ipynb module2/spectra.ipynb \
          module3/lightcurves.ipynb; do
  rm -f "$nb"  # expect: delete-in-home
done
timeout 120 gitpuller https://github.com/example/summer-school main "$HOME/summer-school"
