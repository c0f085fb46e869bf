"""The bot student: a user who logs in, starts, runs a cell and reads data before the class does."""
