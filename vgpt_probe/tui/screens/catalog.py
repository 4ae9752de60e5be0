"""The catalog screen: what is real, by module, with columns and keys; a search shows near misses too."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import msgspec
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Input, Static, Tree

from vgpt_probe.text import one_line
from vgpt_probe.tui.actions import bindings
from vgpt_probe.tui.facts import full_facts
from vgpt_probe.tui.widgets.bars import KeyBar, TopBar

if TYPE_CHECKING:
    from vgpt_probe.catalog import Catalog, Relation
    from vgpt_probe.tui.app import ProbeApp

#: How many hits of a search are listed, and how many near misses.
HITS, NEAR = 300, 8


class Relations(Tree[str]):
    """Modules and their relations; a leaf's data is the relation's name."""


class CatalogScreen(Screen[None]):
    """Shows the workspace's catalog."""

    BINDINGS = bindings("catalog")
    AUTO_FOCUS = "#relations"

    def __init__(self) -> None:
        super().__init__()
        self._shown: str | None = None
        self._opening = False

    @property
    def _app(self) -> ProbeApp:
        return cast("ProbeApp", self.app)

    def compose(self) -> ComposeResult:
        yield TopBar("catalog")
        with Horizontal(id="catalog"):
            with Vertical(id="names"):
                yield Input(id="find", placeholder="search names and descriptions", compact=True)
                yield Relations("catalog", id="relations")
            with VerticalScroll(id="relation", can_focus=False):
                yield Static(id="about-relation", markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        tree = self.query_one(Relations)
        tree.show_root = False
        tree.guide_depth = 2
        tree.focus()
        self._show()

    def on_screen_resume(self) -> None:
        self._show()

    def on_resize(self) -> None:
        self.call_after_refresh(self._show_relation)

    # ── showing ──

    @property
    def name_under_cursor(self) -> str | None:
        """The relation under the cursor, None on a module."""
        node = self.query_one(Relations).cursor_node
        return node.data if node is not None else None

    def _show(self) -> None:
        desk = self._app.desk
        if not desk.catalog_is_open:
            self.query_one("#about-relation", Static).update(Content("reading the catalog …"))
            if not self._opening:
                self._opening = True

                def opens() -> None:
                    _ = desk.catalog
                    self._app.call_from_thread(self._show)

                self._app.in_background(opens)
            return
        catalog = desk.catalog
        wanted = self.query_one("#find", Input).value.strip()
        if self._shown != wanted:
            self._shown = wanted
            self._fill(catalog, wanted)
        tables = "1 relation" if len(catalog) == 1 else f"{len(catalog):,} relations"
        self.query_one(TopBar).say(f"{one_line(catalog.title)} · {tables}")
        self._show_relation()
        self.refresh_bindings()

    def _fill(self, catalog: Catalog, wanted: str) -> None:
        tree = self.query_one(Relations)
        tree.clear()
        if not wanted:
            for module, relations in catalog.modules.items():
                node = tree.root.add(Text(f"{one_line(module)} ({len(relations):,})"))
                for relation in relations:
                    node.add_leaf(_label(relation), relation.name)
            tree.cursor_line = 0
            return
        hits = _search(catalog, wanted)
        first = f", the first {HITS}" if len(hits) > HITS else ""
        node = tree.root.add(Text(f"{len(hits):,} found{first}"), expand=True)
        for relation in hits[:HITS]:
            node.add_leaf(_label(relation), relation.name)
        known = {relation.name for relation in hits}
        near = [one for one in catalog.near(wanted, limit=NEAR + len(known)) if one.name not in known][:NEAR]
        if near:
            misses = tree.root.add(Text("near misses"), expand=True)
            for relation in near:
                misses.add_leaf(_label(relation), relation.name)
        self.call_after_refresh(self._go_to_line, 1 if hits else 2 if near else 0)

    def _go_to_line(self, line: int) -> None:
        self.query_one(Relations).cursor_line = line
        self.call_after_refresh(self._show_relation)

    def _show_relation(self) -> None:
        if not self.is_mounted or not self._app.desk.catalog_is_open:
            return
        about = self.query_one("#about-relation", Static)
        name = self.name_under_cursor
        if name is None:
            key = self._app.key("catalog.search")
            about.update(
                Content.assemble(
                    ("Enter opens a module, ", "$text-muted"), (f"{key} searches.", "$text-muted")
                )
            )
            return
        width = max(30, self.query_one("#relation").size.width - 2)
        about.update(full_facts(name, self._app.desk.catalog, width=width))

    @on(Tree.NodeHighlighted)
    def _moved(self) -> None:
        self._show_relation()
        self.refresh_bindings()

    # ── searching ──

    @on(Input.Changed, "#find")
    def _typed(self) -> None:
        self._show()

    @on(Input.Submitted, "#find")
    def _searched(self) -> None:
        self.query_one(Relations).focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if not self.is_mounted:
            return True
        if action in ("catalog_probe", "catalog_copy"):
            return True if self.name_under_cursor is not None else None
        if action == "catalog_clear":
            return bool(self.query_one("#find", Input).value) or self.query_one("#find").has_focus
        return True

    def action_catalog_search(self) -> None:
        self.query_one("#find").focus()

    def action_catalog_clear(self) -> None:
        self.query_one("#find", Input).value = ""
        self.query_one(Relations).focus()

    def action_catalog_probe(self) -> None:
        name = self.name_under_cursor
        if name is not None:
            self._app.run_battery(msgspec.structs.replace(self._app.setup, subject=name, limit=None))

    def action_catalog_copy(self) -> None:
        name = self.name_under_cursor
        if name is not None:
            self._app.copy(name, f"‘{one_line(name)}’")


def _label(relation: Relation) -> Text:
    label = Text(one_line(relation.name), "bold")
    if relation.description:
        label.append(f"  {one_line(relation.description)}", "not bold dim")
    return label


def _search(catalog: Catalog, wanted: str) -> list[Relation]:
    """Relations whose name or description holds every word; names that begin so come first."""
    words = wanted.casefold().split()
    hits = []
    for relation in catalog.relations:
        name = relation.name.casefold()
        text = f"{name} {(relation.description or '').casefold()} {relation.module.casefold()}"
        if all(word in text for word in words):
            hits.append((not name.startswith(words[0]), words[0] not in name, name, relation))
    return [hit[3] for hit in sorted(hits, key=lambda hit: hit[:3])]
