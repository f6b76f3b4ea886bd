"""Lists of the API, read page by page to their end, or to an error.

It decides what a page means, given all that was read before it. It may import `_calls` and the
rooms below, and knows nothing of customers. Start reading at `scan`, which is pure; `pager` is the
shell that fetches one page ahead.
"""
