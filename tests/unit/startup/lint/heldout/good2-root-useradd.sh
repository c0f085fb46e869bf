#!/bin/bash
getent passwd tutor >/dev/null || useradd --no-create-home --shell /usr/sbin/nologin tutor
