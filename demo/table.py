"""The table that the demo prints, line by line as things happen."""

import os
import sys

WIDTHS = (12, 42, 40, 40)
TITLES = ("from", "request", "expected", "seen")


class Table:
    def __init__(self, out=sys.stdout):
        self.out = out
        self.passed = 0
        self.failed = 0
        self.colours = out.isatty() and "NO_COLOR" not in os.environ

    def section(self, title):
        self._print("")
        self._print(self._paint("1", title))
        self._print("  " + self._columns(TITLES))
        self._print("  " + "-" * (sum(WIDTHS) + 2 * len(WIDTHS) + 4))

    def line(self, caller, request, expected, seen, good):
        """One thing done: what was expected, what was seen, and whether they agree."""
        if good:
            self.passed += 1
        else:
            self.failed += 1
        verdict = self._paint("32", "ok") if good else self._paint("31", "DIFFERS")
        self._print("  " + self._columns((caller, request, expected, seen)) + "  " + verdict)

    def note(self, text):
        self._print("  " + text)

    def _columns(self, cells):
        return "  ".join(fit(cell, width) for cell, width in zip(cells, WIDTHS))

    def _paint(self, colour, text):
        return f"\x1b[{colour}m{text}\x1b[0m" if self.colours else text

    def _print(self, text):
        print(text.rstrip(), file=self.out, flush=True)


def fit(text, width):
    """The text on one line, padded or cut to the width."""
    text = " ".join(text.split())
    return text.ljust(width) if len(text) <= width else text[: width - 3] + "..."
