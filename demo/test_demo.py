"""What the demo's own parts promise; nothing here needs root."""

import io
import struct
import tempfile
import unittest
from pathlib import Path

import manifests
import nameserver
import table
import topology

QUERY = struct.pack("!HHHHHH", 7, 0x0100, 1, 0, 0, 0) + b"\x05rates\x07partner\x04test\x00" + struct.pack("!HH", 1, 1)


class TableCounts(unittest.TestCase):
    def test_a_line_that_differs_is_counted_and_marked(self):
        out = io.StringIO()
        shown = table.Table(out)
        shown.line("a", "b", "c", "c", True)
        shown.line("a", "b", "c", "d", False)
        self.assertEqual((shown.passed, shown.failed), (1, 1))
        self.assertIn("DIFFERS", out.getvalue())

    def test_a_cell_is_one_line_of_its_width(self):
        self.assertEqual(table.fit("a\nb", 5), "a b  ")
        self.assertEqual(table.fit("abcdefgh", 5), "ab...")


class NameServer(unittest.TestCase):
    def test_the_known_name_gets_its_address(self):
        answer = nameserver.reply(QUERY, "rates.partner.test", "192.0.2.60")
        self.assertEqual(answer[:2], QUERY[:2])
        self.assertEqual(answer[-4:], bytes([192, 0, 2, 60]))

    def test_another_name_does_not_exist(self):
        answer = nameserver.reply(QUERY, "other.test", "192.0.2.60")
        self.assertEqual(answer[3] & 0x0F, 3)
        self.assertEqual(struct.unpack("!H", answer[6:8])[0], 0)


class Manifests(unittest.TestCase):
    def setUp(self):
        self.place = tempfile.TemporaryDirectory()
        self.addCleanup(self.place.cleanup)
        self.folder = manifests.Folder(Path(self.place.name) / "manifests")
        self.folder.fill()

    def test_the_gateway_is_copied_once(self):
        self.assertEqual(len(list(self.folder.path.rglob(manifests.GATEWAY))), 1)

    def test_the_examples_hold_one_and_the_same_gateway(self):
        texts = {file.read_text() for file in manifests.EXAMPLES.glob(f"*/{manifests.GATEWAY}")}
        self.assertEqual(len(texts), 1)

    def test_an_edit_must_hit_exactly_once(self):
        with self.assertRaises(ValueError):
            self.folder.edit("three-teams/payments.yaml", "no such text", "x")

    def test_a_restored_file_is_the_example(self):
        name = "three-teams/payments.yaml"
        self.folder.edit(name, "name: payments\n---", "name: pavements\n---")
        self.folder.restore(name)
        self.assertEqual((self.folder.path / name).read_text(), (manifests.EXAMPLES / name).read_text())


class Topology(unittest.TestCase):
    def test_names_fit_an_interface(self):
        self.assertLessEqual(max(len(name) for name in topology.PODS), 15)

    def test_every_endpoint_of_the_examples_has_a_pod(self):
        addresses = {pod.address for pod in topology.PODS.values()}
        for file in manifests.EXAMPLES.glob("*/*.yaml"):
            for line in file.read_text().splitlines():
                word = line.strip().removeprefix("- ")
                if word.startswith("10.77.0."):
                    self.assertIn(word, addresses, file)


if __name__ == "__main__":
    unittest.main()
