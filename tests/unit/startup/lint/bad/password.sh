#!/bin/bash
DB_PASSWORD='sup3rn0va'  # expect: secret
export DB_PASSWORD
