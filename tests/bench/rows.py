"""What is measured. Each row prepares, runs one command, and checks what came of it."""

import os
import shutil
import socket
import statistics
from dataclasses import dataclass

import check
import farm
import tunnel
from contexts import Context, ManyFiles, OneFile, Text

MIB = 1 << 20
NAMES = ("complete", "ls", "farm", "cached", "file", "folder", "oci", "files", "one", "none", "create", "create4", "inside", "text", "up", "down")
LINKS = ("direct", "slow", "inside", "narrow")


@dataclass
class Result:
    name: str
    seconds: dict
    peak_mb: dict


class Contexts:
    """The contexts of one kind, one for each tool, made when a row first needs them."""

    def __init__(self, name, make):
        self.name, self.make, self.made = name, make, {}

    def of(self, tool):
        if tool.name not in self.made:
            self.made[tool.name] = self.make(tool.folder / self.name)
        return self.made[tool.name]


class Row:
    def __init__(self, name, title, contexts=None):
        self.name, self.title, self.contexts = name, title, contexts

    def context(self, tool):
        return self.contexts.of(tool)

    def is_for(self, tool):
        return True

    def prepare(self, tool, number):
        pass


class Complete(Row):
    """What the tab key costs: the question of a shell, without the shell."""

    def __init__(self, title, **asked):
        super().__init__("complete", title)
        self.asked = asked

    def is_for(self, tool):
        return tool.name in self.asked

    def command(self, tool):
        words, self.wanted = self.asked[tool.name](tool)
        self.output = tool.complete(self.title, *words)
        return self.output

    def check(self, tool):
        check.expect(self.wanted in self.output.output, self.title, f"{tool.name} does not know {self.wanted}")


class Unreachable(Complete):
    """The same where the cluster's address takes connections, and never says a word."""

    def command(self, tool):
        with socket.create_server(("127.0.0.1", 0)) as self.silent:
            return super().command(tool)

    def server(self):
        return f"https://127.0.0.1:{self.silent.getsockname()[1]}"


class Ls(Row):
    def command(self, tool):
        self.output = tool.list(self.title)
        return self.output

    def check(self, tool):
        check.expect(tool.builder in self.output.output, self.title, f"{tool.name} does not list its builder")


class Farm(Row):
    """The same with many builders."""

    def __init__(self, name, title):
        super().__init__(name, title)
        self.tools = {}

    def prepare(self, tool, number):
        if tool.name not in self.tools:
            self.tools[tool.name] = tool.with_farm()

    def command(self, tool):
        self.output = self.tools[tool.name].list(self.title)
        return self.output

    def check(self, tool):
        missing = [name for name in map(farm.builder_name, range(farm.BUILDERS)) if name not in self.output.output]
        check.expect(not missing, self.title, f"{tool.name} does not list {missing[:3]}")


class Cached(Row):
    def prepare(self, tool, number):
        if number == 0:
            self.build(tool, "preparation")

    def build(self, tool, what):
        metadata = tool.folder / "metadata.json"
        metadata.unlink(missing_ok=True)
        return tool.build(what, self.context(tool).path, "--target", "proof", "-o", "type=image,name=bench",
                          "--metadata-file", metadata)

    def command(self, tool):
        return self.build(tool, self.title)

    def check(self, tool):
        check.digest(self.title, tool.folder / "metadata.json")


class Upload(Row):
    """A folder that the daemon has never seen."""

    def prepare(self, tool, number):
        self.context(tool).refresh()

    def command(self, tool):
        return tool.build(self.title, self.context(tool).path, "--target", "upload")

    def check(self, tool):
        check.marker(self.title, tool, self.context(tool))


class Again(Upload):
    """A folder that the daemon has, with or without a change."""

    def __init__(self, name, title, contexts, changed):
        super().__init__(name, title, contexts)
        self.changed, self.whole = changed, set()

    def prepare(self, tool, number):
        if number == 0:
            self.command(tool)
        if self.changed:
            self.context(tool).change()

    def check(self, tool):
        super().check(tool)
        # That all files are there is looked at once: it takes longer than what is measured.
        if self.changed or tool.name in self.whole:
            return
        self.whole.add(tool.name)
        out = tool.folder / "all-files"
        tool.build(f"check of {self.title}", self.context(tool).path, "--target", "upload",
                   "-o", f"type=local,dest={out}")
        check.tree(self.title, self.context(tool).path, out)
        shutil.rmtree(out)


class Export(Row):
    """What the daemon has already, to this machine."""

    def __init__(self, name, title, contexts, size, output):
        super().__init__(name, title, contexts)
        self.size, self.output = size, output

    def destination(self, tool):
        return tool.folder / f"{self.name}-result"

    def prepare(self, tool, number):
        # The first time the daemon makes the layer, which is not what is measured.
        if number == 0:
            self.command(tool)
        self.clear(tool)

    def command(self, tool):
        return tool.build(self.title, self.context(tool).path, "--target", "upload",
                          "-o", f"{self.output},dest={self.destination(tool)}",
                          "--metadata-file", tool.folder / "metadata.json")

    def check(self, tool):
        if self.name == "oci":
            digest = check.digest(self.title, tool.folder / "metadata.json")
            check.archive(self.title, self.destination(tool), digest, self.size)
        else:
            check.folder(self.title, self.context(tool).path, self.destination(tool))
        self.clear(tool)

    def clear(self, tool):
        if self.name == "oci":
            self.destination(tool).unlink(missing_ok=True)
        else:
            shutil.rmtree(self.destination(tool), ignore_errors=True)


class Create(Row):
    def __init__(self, name, title, replicas):
        super().__init__(name, title)
        self.replicas = replicas

    def command(self, tool):
        return tool.create(self.title, f"fresh-{tool.name}", self.replicas)

    def check(self, tool):
        check.expect(tool.is_up(f"fresh-{tool.name}"), self.title, f"{tool.name} says that it is not up")
        tool.remove(f"fresh-{tool.name}")


class Tunnel(Row):
    """No build: the bytes alone. In buildx's column stands a raw copy through the same port-forward."""

    def __init__(self, name, title, mib):
        super().__init__(name, title)
        self.mib = mib

    def prepare(self, tool, number):
        tunnel.program()

    def command(self, tool):
        return tunnel.run(self.title, self.name, self.mib, tool)

    def check(self, tool):
        """The program fails if less than all of it passed."""


def all_rows(link, quick):
    mib = (1024 if link in ("direct", "inside") else 100) // (10 if quick else 1)
    size = "1 GiB" if mib == 1024 else f"{mib} MiB"
    count = 5_000 if quick else 50_000
    through = "" if link == "direct" else ", 50 ms"
    if link == "inside":
        from_inside = Contexts("large", lambda parent: OneFile(parent, mib * MIB))
        return [Upload("inside", f"upload {size} file, cold, from inside the cluster", from_inside)]
    if link == "narrow":
        text = Contexts("text", lambda parent: Text(parent, mib * 102))
        return [Upload("text", f"upload {mib} MiB of text, cold, 50 ms and 100 Mbit/s", text)]
    files = f"{count // 1000} 000 files"

    small = Contexts("small", Context)
    large = Contexts("large", lambda parent: OneFile(parent, mib * MIB))
    many = Contexts("many", lambda parent: ManyFiles(parent, count))
    # buildx completes no value of a flag that needs no cluster; the names of builders are in a folder of its own.
    unreachable = Unreachable("complete beside a cluster that does not answer", plugin=lambda _: (
        ["-s", unreachable.server(), "build", "--platform", ""], "local"))
    completions = [
        Complete("complete a word without a cluster",
                 plugin=lambda _: (["build", "--progress", ""], "rawjson"),
                 buildx=lambda _: (["build", "--pro"], "--progress")),
        Complete("complete the names of builders",
                 plugin=lambda tool: ([*tool.place(), "inspect", ""], tool.builder),
                 buildx=lambda tool: (["inspect", ""], tool.builder)),
        unreachable,
    ] if link == "direct" else []
    tunnels = [Tunnel("up", f"{size} through the tunnel, beside a raw copy", mib),
               Tunnel("down", f"{size} back through the tunnel, beside a raw copy", mib)] if link == "direct" else []
    return [
        *completions,
        Ls("ls", f"ls, one builder{through}"),
        Farm("farm", f"ls, {farm.BUILDERS} builders of {farm.PODS_EACH} pods{through}"),
        Cached("cached", f"cached build{through}", small),
        Upload("file", f"upload {size} file, cold{through}", large),
        Export("folder", f"{size} to a folder{through}", large, mib * MIB, "type=local"),
        Export("oci", f"{size} to an OCI tar{through}", large, mib * MIB, "type=oci,compression=uncompressed"),
        Upload("files", f"upload {files}, cold{through}", many),
        Again("one", f"{files}, one changed{through}", many, changed=True),
        Again("none", f"{files}, none changed{through}", many, changed=False),
        Create("create", f"create to ready{through}", 1),
        Create("create4", f"create to ready, 4 replicas{through}", 4),
        *tunnels,
    ]


def measure(row, tools, runs):
    tools = [tool for tool in tools if row.is_for(tool)]
    measured = {tool.name: [] for tool in tools}
    for number in range(runs):
        for tool in tools:
            row.prepare(tool, number)
            # What one tool left to be written must not slow down the other.
            os.sync()
            measured[tool.name].append(row.command(tool))
            row.check(tool)
    return Result(
        row.title,
        {name: statistics.median(one.seconds for one in all_of) for name, all_of in measured.items()},
        {name: max(one.peak_mb for one in all_of) for name, all_of in measured.items()},
    )
