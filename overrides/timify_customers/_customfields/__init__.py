"""Custom fields by name: from names and typed values to the wire, and back.

It decides which field a name means (`names`), how a value is written and read (`codecs`), and when
definitions are asked for anew (`definitions`). It may import `_calls` and the rooms below. Start
reading at `registry`.
"""
