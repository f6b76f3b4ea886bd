"""The published document taken into ours, by position and never by name.

An element is where it goes over the wire: method, path up to the names of its parameters, place,
JSON path. `adopt` does all of it; `adopted`, `parameters` and `schemas` merge one kind of element
each: operations with their bodies and answers (`forms`), parameters, and schemas by their
`positions`. `outcomes` decides, as pure functions. `classes` tells which published schemas are the
same; `components` gives those that only the published document has a place and a name, and
`operations` does so for operations. The outcome depends on what a document says, not on its shape:
inline or named, split or whole, in whatever order.

May import `compare` and what stands beneath it. Start reading at `adopt.adopt`, then `outcomes`.
"""
