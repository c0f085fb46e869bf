"""GitHub as the rooms ask it: one client, one credential, one pace, one way to say what is wrong.

PyGithub signs and sends; what it lacks or does otherwise is said where it is done (`exchange`).
"""
