"""What works on the OpenAPI document, for the commands that stand beside this folder.

Three rooms: `fetch` gets the published document and takes it over, `document` builds ours, `compare` holds two
documents against each other, element by element. Imports run one way: commands -> fetch -> document -> compare -> the
modules of this folder (references, values, files, errors, Redocly CLI), and beneath them `node`, a command that is a
library too.
"""
