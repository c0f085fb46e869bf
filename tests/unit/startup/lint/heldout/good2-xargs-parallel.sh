#!/bin/bash
set -o pipefail
printf '%s\n' photometry spectra | xargs -P 2 -I{} ln -sfn /nfs/data/{} "$HOME/{}"
