"""What is real: the catalog of relations, its importers, and look-up with near misses."""

from vgpt_probe.catalog.load import load_catalog
from vgpt_probe.catalog.model import Catalog, Column, Relation, Resolution, module_of, plain_name
from vgpt_probe.catalog.truth import is_real

__all__ = ["Catalog", "Column", "Relation", "Resolution", "is_real", "load_catalog", "module_of", "plain_name"]
