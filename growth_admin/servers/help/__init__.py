"""Help for one user: what is wrong with the server, and what to do next."""
