#!/bin/bash
rm -f "$HOME"/*.ipynb  # expect: delete-in-home
