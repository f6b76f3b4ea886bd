"""Lists of the API, read page by page to their end, or to an error.

Start reading at `scan`, which is pure and decides what a page means, given the pages before it.
`cursor` is the text with which a list is continued later. `pager` is the shell that fetches one
page ahead.

The room may import `_calls` and the rooms below, and knows nothing about customers.
"""
