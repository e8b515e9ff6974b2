"""Tests of the link checker: each kind of broken link is found, and nothing else is."""

import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import check_links


class LinkTests(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.root = pathlib.Path(self.folder.name)

    def write(self, name, text):
        page = self.root / name
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(text, encoding="utf-8")

    def broken(self):
        return list(check_links.broken(self.root))

    def test_a_missing_file_is_named_with_page_and_line(self):
        self.write("docs/a.md", "# A\n\nsee [b](b.md)\n")
        self.assertEqual(self.broken(), ["docs/a.md:3: b.md: no such file"])

    def test_a_missing_heading_is_broken_and_a_present_one_is_not(self):
        self.write("a.md", "[x](b.md#what-it-is) [y](b.md#gone) [z](#here)\n\n## Here\n")
        self.write("b.md", "# What *it* is\n")
        self.assertEqual(self.broken(), ["a.md:1: b.md#gone: no such heading"])

    def test_equal_headings_are_numbered(self):
        self.write("a.md", "[x](#limits-1) [y](#limits-2)\n\n## Limits\n\n## Limits\n")
        self.assertEqual(self.broken(), ["a.md:1: #limits-2: no such heading"])

    def test_a_definition_counts_as_a_link(self):
        self.write("a.md", "[x]\n\n[x]: gone.md\n")
        self.assertEqual(self.broken(), ["a.md:3: gone.md: no such file"])

    def test_code_is_no_link(self):
        self.write("a.md", "`[x](gone.md)`\n\n```\n[x](gone.md)\n```\n\n    [x](gone.md)\n")
        self.assertEqual(self.broken(), [])

    def test_a_heading_in_code_is_no_heading(self):
        self.write("a.md", "[x](#title)\n\n```\n# Title\n```\n")
        self.assertEqual(self.broken(), ["a.md:1: #title: no such heading"])

    def test_other_hosts_are_not_followed(self):
        self.write("a.md", "[x](https://example.com/gone) [m](mailto:a@example.com)\n")
        self.assertEqual(self.broken(), [])

    def test_a_file_outside_of_the_project_is_broken(self):
        self.write("a.md", "[x](..)\n")
        self.assertEqual(self.broken(), ["a.md:1: ..: outside of the project"])

    def test_what_was_built_is_passed_over(self):
        self.write(".build/checkouts/a.md", "[x](gone.md)\n")
        self.write(".build-asan/a.md", "[x](gone.md)\n")
        self.assertEqual(self.broken(), [])


if __name__ == "__main__":
    unittest.main()
