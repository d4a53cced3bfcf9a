"""The table."""

HEADER = ("what", "plugin", "buildx", "ratio", "plugin memory", "buildx memory")


# Where one of the tools does nothing of the kind.
NOTHING = "–"


def time(seconds):
    if seconds is None:
        return NOTHING
    # Nobody feels less than a hundredth, but limits are in milliseconds.
    return f"{seconds:.2f} s" if seconds >= 0.1 else f"{seconds:.3f} s"


def memory(megabytes):
    return NOTHING if megabytes is None else f"{megabytes:.0f} MB"


def cells(result):
    ours, theirs = (result.seconds.get(name) for name in ("plugin", "buildx"))
    ratio = NOTHING if ours is None or theirs is None else f"{ours / theirs:.2f}"
    peaks = (memory(result.peak_mb.get(name)) for name in ("plugin", "buildx"))
    return (result.name, time(ours), time(theirs), ratio, *peaks)


def line(result):
    return "bench: " + "  ".join(cells(result))


def plain(results):
    lines = [HEADER, *map(cells, results)]
    widths = [max(map(len, column)) for column in zip(*lines)]
    return "\n".join(
        "  ".join([row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:]))])
        for row in lines
    )


def markdown(results):
    rows = [HEADER, ("---", *["---:"] * (len(HEADER) - 1)), *map(cells, results)]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)
