"""A stand-in for GitHub: people, organizations, teams, invitations, credentials, repositories with
pull requests and workflow runs, over HTTP.

Stateful, and checked against GitHub's published OpenAPI description. ``python -m
growth_admin.deploy.standins.github --help`` starts one; what it does not do by itself (a rename, an
outage, a moved clock) is switched on from outside under ``/_control`` (see `control`).

=====================================  ========================================================
the data                               people, organizations, invitations, credentials, clock
where one stands, in and out           standing, joining, leaving
put together, and its file             world, keeping, seeding
repositories, pull requests, runs      repositories, git, runner
calls                                  rest_users, rest_organizations, rest_teams,
                                       rest_invitations, rest_apps, rest_repositories, rest_git,
                                       rest_pulls, rest_actions
how they answer, for whom              answering, access, caller, shapes, refusals
what goes wrong                        limits, faults, weather
pages for people                       web, oauth, pages
changes from outside                   control, control_access, control_repositories
=====================================  ========================================================
"""
