#!/bin/bash
SRC=/nfs/data/ztf
DST=$HOME/ztf
test -d $DST || cp -R $SRC $DST  # expect: copy-only-if-absent copy-from-shared
