#!/usr/bin/env python3
"""Finds links in the Markdown pages that lead nowhere: files that do not exist, and headings that are not there.

    scripts/check_links.py [FOLDER]

One line a broken link, `page:line: target: reason`. Exits 1 when there is one. Links to other hosts are not followed.
"""

import pathlib
import re
import sys
import urllib.parse

SKIPPED = {".build", ".git", ".tools", "node_modules"}
INLINE = re.compile(r"!?\[(?:[^\[\]]|\[[^\]]*\])*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
DEFINITION = re.compile(r"^\s{0,3}\[[^\]]+\]:\s*<?(\S+?)>?(?:\s|$)")
HEADING = re.compile(r"^\s{0,3}#{1,6}\s+(.*?)\s*#*\s*$")
FENCE = re.compile(r"^\s{0,3}(```+|~~~+)")
CODE_SPAN = re.compile(r"(`+)(?:(?!\1).)*?\1")


def pages(folder):
    """Every Markdown page below `folder`, without what was built or brought."""
    for page in sorted(folder.rglob("*.md")):
        parts = page.relative_to(folder).parts
        if not any(part in SKIPPED or part.startswith(".build") for part in parts):
            yield page


def prose(text):
    """The lines outside of fenced code, with their numbers."""
    fence = None
    for number, line in enumerate(text.splitlines(), start=1):
        mark = FENCE.match(line)
        if fence is None and mark:
            fence = mark.group(1)
        elif fence is not None:
            if mark and mark.group(1).startswith(fence) and line.strip() == mark.group(1):
                fence = None
        else:
            yield number, line


def slug(heading):
    """The anchor that a heading gets: lower case, blanks as dashes, no punctuation, links as their text."""
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", heading)
    text = re.sub(r"[^\w\- ]", "", text.strip().lower())
    return text.replace(" ", "-")


def anchors(text):
    """Every anchor of a page; equal headings are numbered from the second on."""
    seen = {}
    found = set()
    for _, line in prose(text):
        heading = HEADING.match(line)
        if heading:
            name = slug(heading.group(1))
            count = seen.get(name, 0)
            seen[name] = count + 1
            found.add(f"{name}-{count}" if count else name)
        found.update(re.findall(r"<a\s+(?:id|name)=\"([^\"]+)\"", line))
    return found


def links(text):
    """Every link of a page with the number of its line; what is written as code is none."""
    for number, line in prose(text):
        if not line.startswith("    "):
            line = CODE_SPAN.sub(lambda code: " " * len(code.group()), line)
            definition = DEFINITION.match(line)
            targets = [definition.group(1)] if definition else INLINE.findall(line)
            for target in targets:
                yield number, target


def problem(page, target, folder):
    """Why `target` leads nowhere from `page`; None where it leads somewhere, or to another host."""
    address = urllib.parse.urlsplit(target)
    if address.scheme or target.startswith("//"):
        return None
    path = urllib.parse.unquote(address.path)
    base = folder if path.startswith("/") else page.parent
    goal = (base / path.lstrip("/")) if path else page
    if not goal.exists():
        return "no such file"
    if not goal.resolve().is_relative_to(folder.resolve()):
        return "outside of the project"
    if address.fragment and goal.suffix == ".md":
        if urllib.parse.unquote(address.fragment) not in anchors(goal.read_text(encoding="utf-8")):
            return "no such heading"
    return None


def broken(folder):
    """A line for each broken link below `folder`."""
    for page in pages(folder):
        for number, target in links(page.read_text(encoding="utf-8")):
            reason = problem(page, target, folder)
            if reason:
                yield f"{page.relative_to(folder)}:{number}: {target}: {reason}"


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    found = list(broken(folder))
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
