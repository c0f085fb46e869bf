#!/bin/bash
user_home=$(getent passwd "$NB_USER" | cut -d: -f6)
rm -f "$user_home"/tutorial/*.ipynb  # expect: delete-in-home
