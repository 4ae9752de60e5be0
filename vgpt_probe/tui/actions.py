"""Every action of the app, once: bindings, key bar, palette, help page and the documentation's key table come from here.

An action ``case.confirm`` is the method ``action_case_confirm`` of the node that lists ``bindings("case")``.
"""

from __future__ import annotations

import msgspec
from textual.binding import Binding, BindingType

from vgpt_probe.errors import ConfigError, nearest

#: The places actions belong to, in the order of the help page, with its headings.
PLACES = {
    "app": "Everywhere",
    "home": "Home",
    "battery": "Battery",
    "matrix": "Moving in the matrix",
    "case": "Case",
    "prompt": "The prompt of the chat",
    "chat": "Chat: the answers",
    "pairs": "Pairs",
    "editor": "Editing a pair",
    "models": "Models",
    "catalog": "Catalog",
    "run": "Setting up a run",
    "options": "Options of the chat",
    "dialog": "Dialogs",
}


class Action(msgspec.Struct, frozen=True):
    """One thing a person can do: ``keys`` as Textual names them, the shown one first; ``help`` is one sentence.

    ``bar``: whether the key bar shows it; ``priority``: whether it works while text is typed.
    """

    id: str
    keys: str
    label: str
    help: str
    bar: bool = True
    priority: bool = False

    @property
    def place(self) -> str:
        return self.id.partition(".")[0]

    @property
    def palette(self) -> bool:
        """Whether the palette offers it: moving about is quicker by key."""
        return self.id != "app.palette" and (self.bar or self.place == "app")

    @property
    def method(self) -> str:
        """What Textual calls, without ``action_``."""
        return self.id.replace(".", "_")


ACTIONS = (
    Action("app.home", "1,f2", "Home", "Show what is loaded, the last runs, and what to do next.", bar=False),
    Action("app.battery", "2,f3", "Battery", "Show the battery: every probe, every model.", bar=False),
    Action("app.chat", "3,f4", "Chat", "Show the chat: one prompt to all models.", bar=False),
    Action("app.pairs", "4,f5", "Pairs", "Show the pairs that you have saved.", bar=False),
    Action("app.models", "5,f6", "Models", "Show the models: load, unload, add, their logs.", bar=False),
    Action("app.catalog", "6,f7", "Catalog", "Show the catalog: what is real.", bar=False),
    Action("app.palette", "ctrl+p", "Commands", "Find any action by its name.", bar=False, priority=True),
    Action("app.help", "question_mark,f1", "Help", "Show the keys of this screen and what the signs mean."),
    Action("app.quit", "q,ctrl+q", "Quit", "Leave; what has been answered is kept, a run can be resumed."),
    Action("home.resume", "r", "Resume", "Ask only what is still missing in the run that was shown last."),
    Action("home.run", "b", "Run", "Put the battery to all models."),
    Action("home.open", "enter", "Open", "Open the run under the cursor in the battery."),
    Action("battery.stop", "s", "Pause", "Pause the run: nothing more is asked, what is answered stays."),
    Action("battery.resume", "r", "Resume", "Ask only what is still missing in the run that is shown."),
    Action("battery.run", "b", "Run", "Begin a new run, set up as the last one was."),
    Action("battery.setup", "B", "Set up", "Choose battery, models, mode and limit, and run."),
    Action(
        "battery.reload", "l", "Reload", "Load the models that have died or failed again, and let them go on."
    ),
    Action("battery.open", "enter", "Open", "Open the case under the cursor, or fold and unfold its group."),
    Action(
        "battery.flagged", "f", "Flagged", "Show only cases with a wrong or unclear answer; again to show all."
    ),
    Action(
        "battery.differs", "d", "Differs", "Show only cases in which the models differ; again to show all."
    ),
    Action(
        "battery.search", "slash", "Search", "Search subjects, questions, wordings and modules as you type."
    ),
    Action("battery.clear", "escape", "Show all", "Take all filters off."),
    Action("battery.group", "v", "Group", "Group the cases by subject, by wording, or not at all."),
    Action("battery.fold", "z", "Fold", "Fold all groups, or unfold them."),
    Action(
        "battery.order",
        "o",
        "Order",
        "Order the cases as asked, by denial margin, by disagreement, by module.",
    ),
    Action("battery.heat", "h", "Heat", "Show where each model denies: module by wording."),
    Action("battery.module", "m", "Module", "Show only the subjects of one module."),
    Action("battery.wording", "w", "Wording", "Show only one wording."),
    Action("battery.since", "S", "Since", "Show only the cases that are wrong since one stage of training."),
    Action("battery.compare", "c", "Compare", "Compare with an earlier run: what was fixed, what regressed."),
    Action("battery.changed", "C", "Changed", "Show only what regressed, was fixed, or changed at all."),
    Action(
        "battery.draft",
        "P",
        "Draft pairs",
        "Draft a pair from every wrong answer that is shown, of one model or all.",
    ),
    Action("battery.report", "R", "Report", "Write an HTML report of the run that is shown, to send to somebody."),
    Action("battery.runs", "e", "Earlier runs", "Show an earlier run."),
    Action("matrix.up", "up,k", "Up", "Go one row up.", bar=False),
    Action("matrix.down", "down,j", "Down", "Go one row down.", bar=False),
    Action("matrix.page_up", "pageup", "Page up", "Go one screenful up.", bar=False),
    Action("matrix.page_down", "pagedown", "Page down", "Go one screenful down.", bar=False),
    Action("matrix.first", "home,g", "First", "Go to the first row.", bar=False),
    Action("matrix.last", "end,G", "Last", "Go to the last row.", bar=False),
    Action("case.pair", "p", "Save pair", "Draft a pair from the chosen answer, to edit and save."),
    Action("case.confirm", "c", "Confirm", "Confirm the verdict on the chosen answer."),
    Action("case.dismiss", "x", "Dismiss", "Dismiss the finding: the answer is acceptable."),
    Action("case.override", "o", "Override", "Give the chosen answer another verdict, with a note."),
    Action("case.note", "t", "Note", "Write a note on the chosen answer."),
    Action("case.undo", "u", "Take back", "Take your word on the chosen answer back."),
    Action("case.next", "n", "Next", "Go to the next finding."),
    Action("case.previous", "N", "Previous", "Go to the previous finding."),
    Action("case.why", "w", "Why", "Show the training rows that may have taught the chosen answer."),
    Action("case.copy", "y", "Copy", "Copy the chosen answer."),
    Action("case.copy_sql", "Y", "Copy SQL", "Copy the SQL of the chosen answer."),
    Action("case.left", "left", "Left", "Choose the answer to the left.", bar=False),
    Action("case.right", "right,tab", "Right", "Choose the answer to the right.", bar=False),
    Action("case.up", "up,k", "Up", "Scroll the chosen answer up.", bar=False),
    Action("case.down", "down,j", "Down", "Scroll the chosen answer down.", bar=False),
    Action("case.back", "escape,backspace", "Back", "Go back to the matrix."),
    Action("prompt.send", "enter", "Send", "Send the prompt to all models."),
    Action(
        "prompt.newline",
        "ctrl+n,shift+enter,alt+enter",
        "New line",
        "Begin another line of the question; pasted lines stay one question.",
    ),
    Action("prompt.leave", "tab", "Answers", "Leave the prompt for the keys of the answers.", priority=True),
    Action(
        "prompt.close",
        "escape",
        "Answers",
        "Stop all answers that are coming; when none is, leave the prompt.",
        bar=False,
        priority=True,
    ),
    Action(
        "prompt.earlier",
        "up",
        "Earlier",
        "Go a line up; on the first line to the question before, of earlier days too.",
        bar=False,
    ),
    Action(
        "prompt.later", "down", "Later", "Go a line down; on the last line to the question after.", bar=False,
    ),
    Action("chat.stop", "escape", "Stop", "Stop the chosen answer; in the prompt, all answers."),
    Action("chat.stop_all", "s", "Stop all", "Stop all answers."),
    Action("chat.prompt", "i,enter,slash", "Prompt", "Go to the prompt.", priority=True),
    Action("chat.best", "c", "Best", "Call the chosen answer the best; hidden names are shown."),
    Action(
        "chat.pair", "p", "Save pair", "Draft a pair from the chosen answer; after a choice, of the best and this one."
    ),
    Action("chat.again", "r", "Again", "Ask the chosen model the last question again."),
    Action("chat.diff", "d", "Diff", "Show word by word how the others differ from the chosen model; again to end."),
    Action("chat.options", "o", "Options", "Choose models, system prompt, temperature, top-p, seed, token limit."),
    Action("chat.find", "f", "Find", "Find an earlier chat by its words, and go on with it."),
    Action("chat.new", "n", "New chat", "Begin another chat; this one is kept."),
    Action("chat.blind", "b", "Blind", "Begin a chat with shuffled models and hidden names; again to end."),
    Action("chat.markdown", "m", "Markdown", "Show answers as they were written; again as Markdown."),
    Action("chat.together", "t", "Together", "Scroll all answers together; again each by itself."),
    Action("chat.view", "v", "View", "Show one answer at a time, or all side by side."),
    Action("chat.export", "e", "Export", "Write the chat as Markdown to a file."),
    Action("chat.copy", "y", "Copy", "Copy the chosen model's last answer."),
    Action("chat.copy_sql", "Y", "Copy SQL", "Copy the SQL of the chosen model's last answer."),
    Action("chat.reload", "l", "Reload", "Load the models that have died or failed again."),
    Action("chat.left", "left,shift+tab", "Left", "Choose the model to the left.", bar=False),
    Action("chat.right", "right,tab", "Right", "Choose the model to the right.", bar=False),
    Action("chat.up", "up,k", "Up", "Scroll the chosen answer up.", bar=False),
    Action("chat.down", "down,j", "Down", "Scroll the chosen answer down.", bar=False),
    Action(
        "chat.page_up", "pageup", "Page up", "Scroll the chosen answer a screenful up, from the prompt too.",
        bar=False, priority=True,
    ),
    Action(
        "chat.page_down", "pagedown", "Page down", "Scroll the chosen answer a screenful down, from the prompt too.",
        bar=False, priority=True,
    ),
    Action("pairs.edit", "enter", "Edit", "Edit the pair under the cursor."),
    Action("pairs.accept", "a", "Accept", "Accept the pair: an export takes it."),
    Action("pairs.dismiss", "x", "Dismiss", "Dismiss the pair: it stays, but no export takes it."),
    Action(
        "pairs.accept_all",
        "A",
        "Accept all",
        "Accept every draft in which nothing is wrong, after a preview.",
    ),
    Action("pairs.fill", "F", "Fill", "Draft what is missing for a balanced set, from the catalog."),
    Action("pairs.filter", "f", "State", "Show only drafts, accepted, dismissed or exported pairs."),
    Action("pairs.undo", "u", "Undo", "Take the last change back: a state, many at once, or a deletion."),
    Action("pairs.delete", "delete,D", "Delete", "Delete the pair under the cursor."),
    Action("pairs.copy", "y", "Copy", "Copy the pair under the cursor, as JSON."),
    Action("pairs.export", "e", "Export", "Write the accepted pairs as LLaMA-Factory or TRL take them."),
    Action("editor.save", "f2", "Save", "Save the pair.", priority=True),
    Action("models.load", "enter", "Load", "Load the model under the cursor."),
    Action("models.unload", "u", "Unload", "Unload it; its memory is free again."),
    Action("models.reload", "l", "Reload", "Unload and load it, or load it again after it has died."),
    Action("models.add", "a", "Add", "Add a GGUF file to config.toml, by its path or by browsing."),
    Action("models.log", "g", "Log", "Show what llama.cpp wrote while it loaded and ran."),
    Action("catalog.search", "slash", "Search", "Search names and descriptions; near misses come last."),
    Action("catalog.probe", "p", "Probe it", "Ask all models about this table now, in every wording."),
    Action("catalog.copy", "y", "Copy", "Copy the name of the table under the cursor."),
    Action("catalog.clear", "escape", "Show all", "End the search."),
    Action("run.up", "up,k", "Up", "Go one line up.", bar=False),
    Action("run.down", "down,j,tab", "Down", "Go one line down.", bar=False),
    Action("run.less", "left,h", "Before", "Choose the value before.", bar=False),
    Action("run.more", "right,l,space", "After", "Choose the next value; take a model in or out.", bar=False),
    Action("run.start", "enter", "Start", "Start the run.", bar=False),
    Action("options.take", "f2", "Take", "Ask so from now on.", priority=True),
    Action("dialog.cancel", "escape", "Cancel", "Close without doing anything."),
)

_BY_ID = {action.id: action for action in ACTIONS}


def check_keys(remapped: dict[str, str]) -> None:
    """Check the ``[keys]`` table of config.toml: known actions, and no key that means two things in one place.

    Raises ``ConfigError``.
    """
    for name in remapped:
        if name not in _BY_ID:
            raise ConfigError(
                f"keys: there is no action '{name}'",
                mend=nearest(name, list(_BY_ID)) or "'?' in the app and docs/keys.md list them",
            )
    for place in PLACES:
        taken: dict[str, str] = {}
        for action in ACTIONS:
            if action.place in (place, "app"):
                for key in remapped.get(action.id, action.keys).split(","):
                    other = taken.setdefault(key.strip(), action.id)
                    if other != action.id and {other, action.id} & set(remapped):
                        raise ConfigError(
                            f"keys: '{key.strip()}' would mean {other} and {action.id}",
                            mend="give one of them another key",
                        )


def find(name: str) -> Action:
    """Return the action of that id."""
    return _BY_ID[name]


def bindings(place: str) -> list[BindingType]:
    """Make Textual's bindings of a place; each has its action's id, so that keys can be remapped."""
    return [
        Binding(
            action.keys,
            action.method,
            action.label,
            show=action.bar,
            id=action.id,
            tooltip=action.help,
            priority=action.priority,
        )
        for action in ACTIONS
        if action.place == place
    ]


_KEY_NAMES = {
    "question_mark": "?",
    "slash": "/",
    "escape": "Esc",
    "enter": "Enter",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "home": "Home",
    "end": "End",
    "tab": "Tab",
    "shift+tab": "Shift+Tab",
    "shift+enter": "Shift+Enter",
    "alt+enter": "Alt+Enter",
    "backspace": "Backspace",
    "delete": "Del",
    "space": "Space",
}


def key_name(key: str) -> str:
    """Write a key as people read it: ``ctrl+p`` gives ``Ctrl+P``, ``slash`` gives ``/``."""
    if key.startswith("ctrl+"):
        return f"Ctrl+{key[5:].upper()}"
    if key in _KEY_NAMES:
        return _KEY_NAMES[key]
    return key.upper() if key[:1] == "f" and key[1:].isdigit() else key


def key_names(keys: str) -> str:
    """Write several keys: ``b,f2`` gives ``b F2``."""
    return " ".join(key_name(key) for key in keys.split(","))


def key_table() -> str:
    """The documentation's key table, in Markdown."""
    lines: list[str] = []
    for place, title in PLACES.items():
        lines += [f"### {title}", "", "| Key | Action | Name in `[keys]` |", "| --- | --- | --- |"]
        for action in ACTIONS:
            if action.place == place:
                keys = " ".join(f"`{key_name(key)}`" for key in action.keys.split(","))
                lines.append(f"| {keys} | {action.help} | `{action.id}` |")
        lines.append("")
    return "\n".join(lines)
