"""The small catalog that the cases speak of: real relations of Vista, the columns that matter."""

from __future__ import annotations

import pytest

from tests.grading.cases import small_catalog
from vgpt_probe.catalog.model import Catalog


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    """Fourteen relations, letter case matters."""
    return small_catalog()
