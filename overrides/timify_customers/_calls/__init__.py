"""Takes a call through its attempts, to its answer or to an error that says whether it was done.

It decides what an answer means (`response`, `identity`), what to do after each attempt (`retry`),
how a lost write is settled (`settling`), and when a token is renewed (`token`, `cache`). These are
pure; `caller` is the shell around them, and `scope` holds what belongs to one view of a client. It
may import `_transport` and `_base`. Start reading at `retry`.
"""
