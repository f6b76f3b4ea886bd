"""What works on the OpenAPI document, for the commands that stand beside this folder.

Four rooms: `fetch` gets the published document and takes it over, `document` builds ours, `adopt`
takes the published one into what is known, `compare` holds two documents against each other,
element by element. Imports run one way: commands -> fetch -> document -> adopt -> compare -> the
modules of this folder (parse, values, references, names, files, errors, Redocly CLI), and beneath
them `node`, a command that is a library too.
"""
