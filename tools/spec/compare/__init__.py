"""Two documents side by side, by what goes over the wire and never by the names of components.

`scope` says which part of a document the client uses, `view` what a schema says, `walk` pairs the
elements of two documents; `rules` rates a change, `reconcile` holds a published document against
beliefs, `redocly_diff` asks Redocly, `report` writes it down. May import the modules of the folder
above alone. Start reading at `walk.walk`.
"""
