"""Custom fields by name: from names and typed values to the wire, and back.

Which field a name means (`names`); how one value is written and read (`codecs`, with `dates`,
`phones`, `typed_phones`, `options` and `verbatim`); how entries of the wire are made of values
(`entries`); when definitions are fetched anew (`definitions`). It may import `_calls` and the rooms
below. Start reading at `registry`.
"""
