#!/bin/bash
passwd "$NB_USER"  # expect: interactive
