#!/bin/bash
if curl -sf https://example.org/up >/dev/null; then echo up; fi  # expect: no-timeout
