"""Tests of the check of comments: wide ones are found by line, what cannot be broken is not."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import check_comments


class CommentTests(unittest.TestCase):
    def test_wide_comments_are_found_by_line(self):
        wide = "    /// " + "word " * 24
        self.assertEqual(check_comments.wide_lines(f"let a = 1\n{wide}\n// short\n{wide}"), [2, 4])

    def test_what_fits_passes(self):
        self.assertEqual(check_comments.wide_lines("/// " + "a" * 57 + " " + "b" * 58), [])

    def test_rows_of_tables_and_lone_links_cannot_be_broken(self):
        text = "/// | " + "cell | " * 30 + "\n/// https://example.com/" + "a" * 120
        self.assertEqual(check_comments.wide_lines(text), [])

    def test_code_is_the_formatters(self):
        self.assertEqual(check_comments.wide_lines("let text = " + '"a b" + ' * 30), [])


if __name__ == "__main__":
    unittest.main()
