"""GitHub's side of the roster: settings, credentials, one careful client, and the first setup."""
