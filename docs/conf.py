"""The documentation site. ``make docs`` builds and opens it; the pages are Markdown (MyST)."""

import sys
from pathlib import Path

from timify_customers import __version__

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tools"))

project = "timify-customers-client"
author = "the timify-customers-client maintainers"
copyright = f"{author}. MIT licence. Not affiliated with TIMIFY"
version = release = __version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "pages.extension",
]
exclude_patterns = ["charts", "pictures"]
# The picture of Redoc is made by another tool, before this one: see tools/docs.py.
html_extra_path = [str(path) for path in [ROOT / "build" / "redoc"] if path.is_dir()]

html_theme = "furo"
html_title = f"{project} {version}"
html_copy_source = False
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sphinx = False
# A line of 100 characters, as examples have them, fits into the column of a wide window.
_fonts = {"code-font-size": "75%"}
html_theme_options = {
    "navigation_with_keys": True,
    "light_css_variables": _fonts,
    "dark_css_variables": _fonts,
}
copybutton_exclude = ".linenos, .gp, .go"
pygments_style = "default"
pygments_dark_style = "github-dark"

myst_heading_anchors = 3
myst_enable_extensions = ["colon_fence"]

# A name in single backticks leads to its entry where there is one. Docstrings name private things
# too, and annotations types of other libraries, so Sphinx is not told to be nitpicky.
default_role = "py:obj"

add_module_names = False
autoclass_content = "both"
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
python_use_unqualified_type_names = True
python_display_short_literal_types = True
python_maximum_signature_line_length = 88
toc_object_entries_show_parents = "hide"
