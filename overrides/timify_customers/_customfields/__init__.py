"""Custom fields by name: turns names and typed values into JSON, and back.

It decides which field a name means (`names`), how a value is written and read (`codecs`, with
`dates`, `phones`, `typed_phones`, `select_options` and `verbatim`), how entries are made from
values (`entry_codec`), and when definitions are fetched again (`definitions`). It may import
`_calls` and the rooms below. Start reading at `registry`.
"""
