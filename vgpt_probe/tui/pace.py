"""How fast answers come in."""

from __future__ import annotations

from collections import deque

#: Seconds over which the pace is measured.
WINDOW = 10.0


class Pace:
    """How fast answers come in, measured over the last ``WINDOW`` seconds."""

    def __init__(self) -> None:
        self._times: deque[tuple[float, int]] = deque()
        self._began: float | None = None

    def add(self, count: int, now: float) -> None:
        if self._began is None:
            self._began = now
        self._times.append((now, count))

    def rate(self, now: float) -> float | None:
        """Answers a second, None while there is too little to tell."""
        while self._times and now - self._times[0][0] > WINDOW:
            self._times.popleft()
        if self._began is None or not self._times:
            return None
        spent = min(WINDOW, now - self._began)
        return sum(count for _, count in self._times) / spent if spent >= 0.5 else None
