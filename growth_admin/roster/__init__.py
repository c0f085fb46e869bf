"""The roster: people in and out of the school's teams at GitHub, and nobody forgotten."""
