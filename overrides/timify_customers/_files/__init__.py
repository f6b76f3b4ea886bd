"""Customers in CSV and NDJSON files: which rows a file has, and how customers become rows.

The command line and the workers read and write files in the same way. `source` reads a file of any
encoding and delimiter in constant memory, `tables` names the columns, and `lines` knows the line of
a file in which a row begins. It may import the public names and the rooms below. Start reading at
`source`.
"""
