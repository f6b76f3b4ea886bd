"""Connections, and what is told of what happens on them. It alone imports httpx or httpx2.

It decides when a connection may be used again, and when an answer has more bytes than it may. It
may import `_base`. Start reading at `connections`, whose docstring says why there are slots in
place of a pool.
"""
