"""What is real: the catalog of relations, its importers, and look-up with near misses."""

from vgpt_probe.catalog.load import load_catalog
from vgpt_probe.catalog.model import Catalog, Column, Relation, Resolution, module_of, plain_name

__all__ = ["Catalog", "Column", "Relation", "Resolution", "load_catalog", "module_of", "plain_name"]
