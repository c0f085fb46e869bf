#!/bin/bash
mv "$HOME/notebooks" /tmp/old-notebooks  # expect: delete-in-home
