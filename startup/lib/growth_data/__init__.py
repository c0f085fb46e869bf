"""growth-data: brings a student's datasets up to date and never touches what the student wrote.

Runs as the student, at each start and by hand; the standard library only. A dataset that is
published as a link becomes a link in ~/data; one that is published as a copy becomes a folder that
the student may edit, and of which each later version replaces only what was not edited.

    settings  what the environment and the command line say
    watched   the work is done by a child that is given up when a folder does not answer
    shelf     what is published, and the manifest of a version
    receipt   what this student has: one entry per dataset, for the organisers' table
    base      what was delivered as a copy, file by file: how an edit is recognised
    placing   one file from the shelf to the home: checked, whole or not at all
    linking   a dataset as a link
    copying   a dataset as a copy
    bring     all datasets, top to bottom
    telling   status and verify
    command   the command line
"""
