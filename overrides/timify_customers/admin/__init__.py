"""Administration of a company's definitions: fields, categories, what has drifted. Loaded when first used."""

from ._categories import Categories as Categories
from ._drift import FieldDrift as FieldDrift
from ._drift import drift as drift
from ._drift import load as load
from ._drift import save as save
from ._ensure import Ensured as Ensured
from ._fields import Fields as Fields
