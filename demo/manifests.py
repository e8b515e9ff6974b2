"""The folder that every proxy of the demo reads: deploy/examples, copied, then edited as the teams would."""

import shutil
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parent.parent / "deploy" / "examples"
FOLDERS = ("three-teams", "workload", "canary", "both-doors", "external-backend")
GATEWAY = "gateway.yaml"


class Folder:
    """The shared folder. A change is put in place by a rename, so no proxy ever reads half a file."""

    def __init__(self, path):
        self.path = Path(path)

    def fill(self):
        self.path.mkdir(parents=True)
        shutil.copy(EXAMPLES / FOLDERS[0] / GATEWAY, self.path / GATEWAY)
        for folder in FOLDERS:
            (self.path / folder).mkdir()
            for file in sorted((EXAMPLES / folder).glob("*.yaml")):
                # The same Gateway stands in each folder; two files with it would be an error.
                if file.name != GATEWAY:
                    shutil.copy(file, self.path / folder / file.name)

    def write(self, name, text):
        target = self.path / name
        # Names that begin with a dot are not read.
        draft = target.with_name("." + target.name)
        draft.write_text(text)
        draft.rename(target)

    def edit(self, name, old, new):
        """Replaces one piece of a file's text, as a hand in an editor would."""
        text = (self.path / name).read_text()
        if text.count(old) != 1:
            raise ValueError(f"{name}: expected exactly one {old!r}, found {text.count(old)}")
        self.write(name, text.replace(old, new))

    def restore(self, name):
        """Puts the example's own text back."""
        self.write(name, (EXAMPLES / name).read_text())

    def delete(self, name):
        (self.path / name).unlink()
