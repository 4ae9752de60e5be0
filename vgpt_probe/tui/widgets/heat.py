"""Where each model denies real tables: a field a model, wordings down and modules across, darker the more it denies."""

from __future__ import annotations

from rich.cells import set_cell_size
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from vgpt_probe.text import one_line
from vgpt_probe.tui.board import Board
from vgpt_probe.tui.words import SHADES

Part = tuple[str, str]


class Heat(Widget):
    """The false-rejection rate by module and wording; a click shows that field's cases."""

    class Chosen(Message):
        """A field was clicked."""

        def __init__(self, module: str, wording: str) -> None:
            super().__init__()
            self.module = module
            self.wording = wording

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._board: Board | None = None
        self._drawn = -1

    def show(self, board: Board | None) -> None:
        """Show a board; nothing is drawn again as long as it has not changed."""
        if board is self._board and (board is None or board.changes == self._drawn):
            return
        self._board = board
        if board is not None:
            self._drawn = board.changes
            self.styles.height = len(_wordings(board)) + 3
        self.refresh()

    def render(self) -> Content:
        board = self._board
        if board is None:
            return Content("")
        modules, wordings = _modules(board), _wordings(board)
        label, step, models = self._measures(board)
        lines: list[list[Part]] = [[(" " * (label + 1), "")], [(" " * (label + 1), "")], []]
        for model in models:
            room = len(modules) * step + 2
            lines[0].append((set_cell_size(one_line(model), room - 1) + " ", "bold $foreground"))
            heads = "".join(set_cell_size(module[:2] if step > 1 else module[:1], step) for module in modules)
            lines[1].append((set_cell_size(heads, room), "$text-muted"))
        if len(models) < len(board.models):
            lines[0].append(
                (f"and {len(board.models) - len(models)} more: a wider screen shows them", "$text-muted")
            )
        field = {name: group for group, name in enumerate(board.by_field.names)}
        lines.pop()
        for wording in wordings:
            line: list[Part] = [(f" {set_cell_size(wording, label)}", "$text-muted")]
            for model in models:
                for module in modules:
                    line.append(_cell(board, model, field.get((module, wording)), step))
                line.append(("  ", ""))
            lines.append(line)
        legend = " none ·  to 25 % ░  to 50 % ▒  to 75 % ▓  more █   share of real tables denied"
        lines.append([(legend, "$text-muted")])
        return Content("\n").join(Content.assemble(*line) for line in lines)

    def _measures(self, board: Board) -> tuple[int, int, list[str]]:
        """The width of the labels, of a module, and the models that fit."""
        label = min(12, board.widths[1]) + 1
        modules = len(_modules(board))
        width = self.size.width
        step = 3 if label + 2 + len(board.models) * (modules * 3 + 2) <= width else 2
        if label + 2 + len(board.models) * (modules * step + 2) > width:
            step = 1
        fitting = max(1, (width - label - 2) // (modules * step + 2))
        return label, step, board.models[-fitting:]

    def on_click(self, event: object) -> None:
        board = self._board
        x, y = getattr(event, "x", -1), getattr(event, "y", -1)
        if board is None:
            return
        modules, wordings = _modules(board), _wordings(board)
        label, step, models = self._measures(board)
        block = len(modules) * step + 2
        column, row = x - label - 1, y - 2
        if column < 0 or column >= block * len(models) or not 0 <= row < len(wordings):
            return
        module = column % block // step
        if module < len(modules):
            self.post_message(self.Chosen(modules[module], wordings[row]))


def _cell(board: Board, model: str, group: int | None, step: int) -> Part:
    if group is None or not board.by_field.answered[model][group]:
        return (" " * step, "")
    wrong, answered = board.by_field.wrong[model][group], board.by_field.answered[model][group]
    share = wrong / answered
    sign, tone = SHADES[0] if not wrong else SHADES[min(4, 1 + int(share * 4))]
    return (sign * max(1, step - 1) + (" " if step > 1 else ""), tone)


def _modules(board: Board) -> list[str]:
    found = {name[0] for name in board.by_field.names if isinstance(name, tuple)}
    return sorted(found)


def _wordings(board: Board) -> list[str]:
    return list(dict.fromkeys(name[1] for name in board.by_field.names if isinstance(name, tuple)))
