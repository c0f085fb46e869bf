#!/bin/bash
runuser -u "$NB_USER" -- git -C "/home/$NB_USER/tutorial" pull  # expect: no-timeout
