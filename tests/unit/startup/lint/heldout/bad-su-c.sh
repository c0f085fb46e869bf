#!/bin/bash
su - "$NB_USER" -c 'rm -rf ~/course && git clone https://github.com/example/course ~/course'  # expect: delete-in-home no-timeout
