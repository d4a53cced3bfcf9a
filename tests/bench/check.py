"""Whether a result is right."""

import filecmp
import json
import os
import shutil
import tarfile

from measure import Failed


def expect(truth, what, problem):
    if not truth:
        raise Failed(f"{what}: {problem}")


def digest(what, metadata):
    found = json.loads(metadata.read_text()).get("containerimage.digest", "")
    expect(found.startswith("sha256:"), what, "no digest in the metadata")
    return found


def marker(what, tool, context):
    """Exports the marker of what was built last: the daemon must have the present one."""
    out = tool.folder / "proof"
    tool.build(f"check of {what}", context.path, "--target", "proof", "-o", f"type=local,dest={out}")
    expect((out / "marker").read_text() == context.marker, what, "the daemon built an old context")
    shutil.rmtree(out)


def folder(what, wanted, out):
    found = out / "all"
    names = sorted(os.listdir(wanted))
    expect(sorted(os.listdir(found)) == names, what, "files are missing in the folder")
    _, wrong, unreadable = filecmp.cmpfiles(wanted, found, names, shallow=False)
    expect(not wrong and not unreadable, what, f"files differ: {wrong + unreadable}")


def tree(what, wanted, out):
    def files(root):
        return {(os.path.relpath(folder, root), name) for folder, _, names in os.walk(root) for name in names}
    expect(files(wanted) == files(out / "all"), what, "files are missing in the folder")


def archive(what, file, manifest, data_bytes):
    with tarfile.open(file) as tar:
        members = {member.name: member for member in tar}
        index = json.load(tar.extractfile(members["index.json"]))
    expect(index["manifests"][0]["digest"] == manifest, what, "the archive has another digest")
    largest = max(member.size for member in members.values())
    expect(largest >= data_bytes, what, "the archive has no layer with the data")
