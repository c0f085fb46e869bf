#!/bin/bash
rsync -az data.example.org:/export/catalogue/ /tmp/catalogue/  # expect: no-timeout
