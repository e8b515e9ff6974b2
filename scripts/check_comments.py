#!/usr/bin/env python3
"""Fail when a comment of a Swift file is wider than the code may be; the formatter leaves comments as they are."""

import pathlib
import sys

WIDTH = 120
ROOT = pathlib.Path(__file__).resolve().parent.parent


def wide_lines(text: str) -> list[int]:
    """The numbers of the comment lines that are too wide. Rows of tables and lone links cannot be broken."""
    numbers = []
    for number, line in enumerate(text.split("\n"), 1):
        stripped = line.lstrip()
        words = stripped.lstrip("/").split()
        is_breakable = len(words) > 1 and words[0] != "|"
        if stripped.startswith("//") and len(line) > WIDTH and is_breakable:
            numbers.append(number)
    return numbers


def main(arguments: list[str]) -> int:
    found = 0
    for name in arguments or ["Package.swift", "Sources", "Tests"]:
        path = ROOT / name
        for file in sorted(path.rglob("*.swift")) if path.is_dir() else [path]:
            for number in wide_lines(file.read_text(encoding="utf-8")):
                print(f"{file.relative_to(ROOT)}:{number}: the comment is wider than {WIDTH} columns")
                found += 1
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
