"""The sandbox of chat templates: nothing of Python to reach, nothing to change, and a bounded amount of work.

Jinja's immutable sandbox keeps a template from reaching Python; it does not keep it from running for ever or from
filling the memory. Here every turn of a loop and every call costs something, and so does whatever makes text or lists,
by the largest outcome that it can have, before it is done.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from typing import Any

from jinja2 import nodes
from jinja2.exceptions import SecurityError
from jinja2.ext import loopcontrols
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer

from vgpt_probe.engine.costs import measure, of_filter, of_method

#: What one rendering may cost, what one value may, and what each step costs beside what it makes: in characters, about.
WORK, SIZE, STEP = 64_000_000, 4_000_000, 500
#: Digits of the largest number that may come about, and of the widest field of a pattern.
_DIGITS, _WIDTH = 1_000, 4
#: Filters that only look; what they are given costs nothing.
_LOOKING = frozenset(("length", "count", "first", "last", "default", "d", "list", "items"))
#: What a template has no need of, and what makes much of little.
_NEEDLESS = ("lipsum", "cycler", "joiner")


class TooMuch(SecurityError):
    """The template does more than any honest one."""


class BoundedSandbox(ImmutableSandboxedEnvironment):
    """Jinja's immutable sandbox with bounds; ``begin`` starts the count of a rendering."""

    intercepted_binops = frozenset(("+", "*", "**", "%"))

    def __init__(self) -> None:
        super().__init__(
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=[loopcontrols],
            autoescape=False,
            finalize=self._shown,
        )
        self._spent = 0
        for name in _NEEDLESS:
            del self.globals[name]
        self.filters = {name: self._bounded(name, does) for name, does in self.filters.items()}
        self.filters |= {"_turns": self._turns, "_joined": self._joined}

    def begin(self) -> None:
        self._spent = 0

    def _pay(self, cost: float = STEP) -> None:
        self._spent += int(cost)
        if self._spent > WORK:
            raise TooMuch("it does not come to an end")

    def _weigh(self, *factors: Any) -> None:
        """Pay for an outcome that is at most as large as the product of its factors; refuse one that is too large."""
        product = 1.0
        for factor in factors:
            if isinstance(factor, int | float):
                product *= max(1, abs(factor))
            elif isinstance(factor, str | bytes):
                product *= max(1, len(factor))
            elif factor is not None:
                product *= max(1, measure(factor, SIZE))
        self._make(product, product)

    def _make(self, outcome: float, work: float) -> None:
        """Pay for an outcome that is at most so large, and for the work; refuse one that is too large."""
        # The other way round NaN would pass.
        if not outcome <= SIZE:
            raise TooMuch("it makes something huge")
        self._pay(max(outcome, work))

    def _weigh_pattern(self, pattern: str | bytes, *values: Any) -> None:
        written = pattern if isinstance(pattern, str) else pattern.decode("latin-1")
        if re.search(rf"\d{{{_WIDTH + 1}}}|%[^a-zA-Z]*\*|\{{[^{{}}]*:[^{{}}]*\{{", written):
            raise TooMuch("it makes something huge")
        fields = 1 + written.count("%") + written.count("{")
        self._weigh(fields, 10**_WIDTH if re.search(r"\d{3}", written) else 1000, *values)

    # ── what a compiled template calls ──

    def call(self, context: Context, function: Any, *args: Any, **kwargs: Any) -> Any:
        self._pay()
        owner = getattr(function, "__self__", None)
        if isinstance(owner, str | bytes | int | float):
            # Jinja adds arguments of its own, whose names begin with an underscore.
            own = {key: value for key, value in kwargs.items() if not key.startswith("_")}
            args = tuple(list(self._turns(one)) if isinstance(one, Iterator) else one for one in args)
            known = None
            if isinstance(owner, str | bytes):
                known = of_method(owner, getattr(function, "__name__", ""), args, own, SIZE)
            self._make(*known) if known else self._weigh(owner, *args, *own.values())
        return super().call(context, function, *args, **kwargs)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        self._pay()
        numbers = isinstance(left, int | float) and isinstance(right, int | float)
        if numbers:
            if operator == "**":
                digits = float(left.bit_length() if isinstance(left, int) else 1) * abs(right)
            else:
                digits = sum(one.bit_length() for one in (left, right) if isinstance(one, int))
            # The other way round NaN would pass.
            if not digits <= 4 * _DIGITS:
                raise TooMuch(f"it makes a number of more than {_DIGITS:,} digits")
        elif operator == "*":
            self._weigh(left, right)
        elif operator == "+" and isinstance(left, str) and isinstance(right, str):
            self._make(len(left) + len(right), len(left) + len(right))
        elif operator == "+":
            self._weigh([left, right])
        elif operator == "%" and isinstance(left, str | bytes):
            self._weigh_pattern(left, right)
        return super().call_binop(context, operator, left, right)

    def wrap_str_format(self, value: Any) -> Callable[..., str] | None:
        does = super().wrap_str_format(value)
        if does is None:
            return None

        def bounded(*args: Any, **kwargs: Any) -> str:
            self._weigh_pattern(value.__self__, *args, *kwargs.values())
            return does(*args, **kwargs)

        return bounded

    def _shown(self, value: Any) -> Any:
        """Pay for what is printed: inside macros and blocks it is not yet output, but held all the same."""
        self._pay()
        self._weigh([value])
        return value

    def _turns(self, values: Iterable[Any]) -> Iterator[Any]:
        """Pay for each turn of a loop."""
        for value in values:
            self._pay()
            yield value

    def _joined(self, values: list[Any]) -> str:
        """What the operator ``~`` does."""
        self._pay()
        self._weigh(values)
        return "".join(map(str, values))

    def _bounded(self, name: str, does: Callable[..., Any]) -> Callable[..., Any]:
        """A filter that pays for what it is given."""
        passed = 1 if hasattr(does, "jinja_pass_arg") else 0

        @wraps(does)
        def bounded(*args: Any, **kwargs: Any) -> Any:
            self._pay()
            # A generator cannot be weighed; it is made a list, one paid step at a time.
            given = [list(self._turns(one)) if isinstance(one, Iterator) else one for one in args[passed:]]
            if name == "format" and given and isinstance(given[0], str | bytes):
                self._weigh_pattern(given[0], *given[1:], *kwargs.values())
            elif name not in _LOOKING:
                known = of_filter(name, given, kwargs, SIZE)
                self._make(*known) if known else self._weigh(*given, *kwargs.values())
            return does(*args[:passed], *given, **kwargs)

        return bounded

    # ── how a template is compiled ──

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = _Counted().visit(super()._parse(source, name, filename))
        tree.set_environment(self)
        return tree


class _Counted(NodeTransformer):
    """Leads loops and the operator ``~`` through the sandbox, which Jinja compiles to plain Python."""

    def visit_For(self, node: nodes.For) -> nodes.Node:
        self.generic_visit(node)
        node.iter = nodes.Filter(node.iter, "_turns", [], [], None, None, lineno=node.lineno)
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:
        self.generic_visit(node)
        values = nodes.List(node.nodes, lineno=node.lineno)
        return nodes.Filter(values, "_joined", [], [], None, None, lineno=node.lineno)

