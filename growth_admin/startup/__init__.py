"""Start scripts: edit, check, rehearse, try on a canary, make live, and see what every start did."""
