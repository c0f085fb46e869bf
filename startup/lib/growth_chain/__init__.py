"""The start chain: runs as-root.sh and as-user.sh before a server, and keeps nobody out.

It runs at every start of every student, so it imports only what is cheap: no json, subprocess,
re, typing, dataclasses, tempfile, nor the `signal` wrapper (each costs 5 to 25 ms).

    settings   what the environment says: who starts, where the folders are, the limits
    children   questions to folders that may hang: asked by a child that nobody waits for
    groups     the groups that the hub wants the user to have
    scripts    fetch: both scripts, read once; what is wrong with their text
    workplace  the local folder where the copies run
    execution  one script under a keeper, with a time limit
    keeper     the process between us and the script, and the script's exec
    output     what a script printed: bounded, in order, stderr marked
    record     what is known of a start, and its JSON
    receipts   what the student has of the datasets, to the organisers' folder
    publish    logs and record to the shared folder
    start      the story, top to bottom
"""
