"""The published document taken into ours, by position and never by name.

An element is where it goes over the wire: method, path up to the names of its parameters, place,
JSON path. `adopt` does all of it; `parameters`, `schemas` and `operations` merge one kind of
element each; `outcomes` decides, as pure functions; `classes` tells which published schemas are the
same, and `components` gives those that only the published document has a place and a name. The
outcome depends on what a document says, not on its shape: inline or named, split or whole, in
whatever order.

May import `compare` and what stands beneath it. Start reading at `adopt.adopt`, then `outcomes`.
"""
