#!/bin/bash
jupyter-dashboard --port 9000 & disown  # expect: background-output
