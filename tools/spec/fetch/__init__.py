"""From an address of unknown honesty to the files of this project: the published document.

`address` and `download` fetch, `take_over` does the rest. May import `document`, `compare` and what
stands beneath them. Start reading at `take_over.take_over`.
"""
