"""Customers in files of CSV and NDJSON: which rows a file has, and how customers become rows.

The command line and the workers read and write them alike. `source` reads a file of any encoding
and delimiter in constant memory, `tables` names the columns, `lines` knows in which line of a file
a row begins. It may import the public names and the rooms below. Start reading at `source`.
"""
