"""The table."""

HEADER = ("what", "plugin", "buildx", "ratio", "plugin memory", "buildx memory")


def cells(result):
    ours, theirs = result.seconds["plugin"], result.seconds["buildx"]
    return (
        result.name, f"{ours:.2f} s", f"{theirs:.2f} s", f"{ours / theirs:.2f}",
        f"{result.peak_mb['plugin']:.0f} MB", f"{result.peak_mb['buildx']:.0f} MB",
    )


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
