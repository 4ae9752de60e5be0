"""Opening what a workspace names: its catalog, its store, its batteries."""

from __future__ import annotations

from vgpt_probe.catalog import Catalog, load_catalog
from vgpt_probe.config import Workspace
from vgpt_probe.probes import Battery, load_battery
from vgpt_probe.runs.store import Store


def open_catalog(workspace: Workspace) -> Catalog:
    """Open the workspace's catalog, from its cache when the source has not changed.

    Raises ``CatalogError`` when the source cannot be read.
    """
    settings = workspace.config.catalog
    return load_catalog(
        workspace.catalog_path,
        dialect=settings.dialect,
        case_sensitive=settings.case_sensitive,
        default_schema=settings.default_schema,
        title=settings.title,
        cache=workspace.cache_folder,
    )


def open_store(workspace: Workspace) -> Store:
    """Open the workspace's store, made when it is not there; one that cannot be written is open to be read.

    Raises ``StoreError`` when it is damaged, locked or from a newer version.
    """
    return Store(workspace.store_path)


def open_battery(
    workspace: Workspace, catalog: Catalog, name: str | None = None, *, seed: int | None = None
) -> Battery:
    """Open a battery by name (default: the workspace's), expanded against the catalog.

    Raises ``BatteryError`` when there is none of that name or it is malformed.
    """
    return load_battery(
        workspace.battery_folder, name or workspace.config.batteries.default, catalog, seed=seed
    )
