"""What the documentation site is made of beside its pages: see docs/conf.py.

`operations` writes the page of the operations out of the document, `links` leads from the site to
what lies elsewhere in the project, and `extension` gives both to Sphinx.
"""
