"""The ground that every room stands on.

Errors, reports, settings, secrets, checks, and the door to the generated package.

Decides nothing about calls. It may import nothing of ours but the generated package, and only
`generated` does that, so that vendoring rewrites one line. Start reading at `errors`, whose
docstring draws the tree of all that is raised.
"""
