"""Start scripts: edit, check, rehearse, try on a canary, make live, see what every start did."""
