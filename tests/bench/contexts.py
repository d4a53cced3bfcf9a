"""Build contexts. Each tool has its own, so that neither gains from what the other sent."""

import os
import random
import uuid

DOCKERFILE = """\
FROM scratch AS upload
COPY . /all

FROM scratch AS proof
COPY --from=upload /all/marker /
"""
FILES_PER_FOLDER = 100
FILE_BYTES = 1024
TEXT_BYTES = 10 << 10
BLOCK = 1 << 20


class Context:
    """A folder with a marker, a small file that proves which version of the folder was built."""

    def __init__(self, parent):
        self.parent = parent
        self.path = parent / fresh_name()
        self.path.mkdir(parents=True)
        (self.path / "Dockerfile").write_text(DOCKERFILE)
        self.change()

    def change(self):
        self.marker = uuid.uuid4().hex
        (self.path / "marker").write_text(self.marker)

    def refresh(self):
        """Makes it a folder that no daemon has ever seen."""
        self.path = self.path.rename(self.parent / fresh_name())
        self.change()


class OneFile(Context):
    def __init__(self, parent, size):
        super().__init__(parent)
        with (self.path / "data").open("wb") as data:
            for _ in range(size // BLOCK):
                data.write(os.urandom(BLOCK))
        self.refresh()

    def refresh(self):
        super().refresh()
        with (self.path / "data").open("r+b") as data:
            data.write(os.urandom(4096))


class ManyFiles(Context):
    def __init__(self, parent, count):
        super().__init__(parent)
        for number in range(count):
            folder = self.path / f"folder-{number // FILES_PER_FOLDER:04}"
            if number % FILES_PER_FOLDER == 0:
                folder.mkdir()
            (folder / f"file-{number:06}.txt").write_bytes(os.urandom(FILE_BYTES // 2).hex().encode())


class Text(Context):
    """What looks like source text: gzip makes a quarter of it."""

    def __init__(self, parent, count):
        super().__init__(parent)
        chance = random.Random(1)
        words = ["".join(chance.choices("abcdefghijklmnopqrstuvwxyz_", k=chance.randint(4, 14))) for _ in range(1000)]
        for number in range(count):
            folder = self.path / f"folder-{number // FILES_PER_FOLDER:04}"
            folder.mkdir(exist_ok=True)
            (folder / f"file-{number:06}.txt").write_text(self.lines(chance, words))

    def lines(self, chance, words):
        text, size = [], 0
        while size < TEXT_BYTES:
            # A few words are used most, and some lines again, as in any text.
            line = chance.choice(text) if text and chance.random() < 0.15 else self.line(chance, words)
            text.append(line)
            size += len(line)
        return "".join(text)

    def line(self, chance, words):
        used = (words[int(len(words) * chance.random() ** 5)] for _ in range(chance.randint(1, 8)))
        return " " * 4 * chance.randint(0, 3) + " ".join(used) + ";\n"


def fresh_name():
    return "context-" + uuid.uuid4().hex[:12]
