"""The foundation of every other room.

Errors, reports, settings, secrets, checks, and the door to the generated package.

It decides nothing about calls. The only package of ours that it may import is the generated one,
and only `generated` does so, so that vendoring rewrites one line. Start reading at `errors`, whose
docstring draws the tree of everything that is raised.
"""
