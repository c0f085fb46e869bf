#!/bin/bash
conda init bash >/dev/null
