#!/bin/bash
chmod a+rwx ~/work  # expect: world-writable
