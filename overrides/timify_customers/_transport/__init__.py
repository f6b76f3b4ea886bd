"""Connections, and the events that report on them. Of the core, only this room imports httpx.

It decides when a connection may be used again, and when an answer is too large. It may import
`_base`. Start reading at `connections`, whose docstring says why there are slots instead of a pool.
"""
