#!/bin/bash
timeout 10 mysql --user=school --password=hunter22 -e 'select 1'  # expect: secret
