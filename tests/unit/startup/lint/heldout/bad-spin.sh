#!/bin/bash
while :; do :; done &  # expect: endless background-output
