"""Measures this plugin beside docker buildx on the testbed and prints one table."""

import argparse
import contextlib
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path

import cluster
import facts
import latency
import rows
import table
from measure import Failed
from tools import Buildx, Inside, Plugin

LIMIT_SECONDS = 2 * 60 * 60


def options():
    parser = argparse.ArgumentParser(prog="tests/bench/run", description=__doc__)
    parser.add_argument("--runs", type=int, default=3, metavar="N", help="how often each row is measured [3]")
    parser.add_argument("--only", action="append", choices=rows.NAMES, metavar="ROW",
                        help="measure this row; may be repeated: " + ", ".join(rows.NAMES))
    parser.add_argument("--link", choices=rows.LINKS, help="only this way to the cluster")
    parser.add_argument("--quick", action="store_true", help="a tenth of the sizes: shows that it works")
    parser.add_argument("--markdown", action="store_true", help="print the table as Markdown")
    chosen = parser.parse_args()
    if chosen.runs < 1:
        parser.error("--runs must be at least 1")
    return chosen


def stop(*_):
    raise KeyboardInterrupt


def overdue(*_):
    raise Failed(f"the whole run took longer than {LIMIT_SECONDS} s")


def bench(chosen, folder, namespace):
    results = []
    with links(folder) as kubeconfigs:
        pairs = {
            link: ((Inside if link == "inside" else Plugin)(folder, namespace, link, kubeconfig),
                   Buildx(folder, f"{namespace}-buildx", link, kubeconfig))
            for link, kubeconfig in kubeconfigs.items()
        }
        for link, pair in pairs.items():
            wanted = [row for row in rows.all_rows(link, chosen.quick) if is_wanted(row, link, chosen)]
            for tool in pair if wanted else ():
                tool.prepare()
            for row in wanted:
                results.append(rows.measure(row, pair, chosen.runs))
                print(table.line(results[-1]), file=sys.stderr)
    return results


def is_wanted(row, link, chosen):
    return chosen.link in (None, link) and (chosen.only is None or row.name in chosen.only)


@contextlib.contextmanager
def links(folder):
    """The kubeconfig of each way to the cluster."""
    direct = Path(os.environ["TESTBED_KUBECONFIG"])
    program, api = os.environ["BENCH_TOXIPROXY"], os.environ["TESTBED_API"]

    def over(name, address):
        kubeconfig = folder / f"{name}.kubeconfig"
        kubeconfig.write_text(direct.read_text().replace(api, address))
        kubeconfig.chmod(0o600)
        return kubeconfig

    with latency.proxy(program, api, False) as slow, latency.proxy(program, api, True) as narrow:
        yield {"direct": direct, "slow": over("slow", slow), "inside": direct, "narrow": over("narrow", narrow)}


def main():
    chosen = options()
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGALRM, overdue)
    signal.alarm(LIMIT_SECONDS)
    folder = Path(tempfile.mkdtemp(prefix="kubectl-buildkit-bench-"))
    namespace = f"bench-{os.getpid()}"
    try:
        # Each its own: a list of one must not show the other's builder.
        cluster.make_namespace(namespace)
        cluster.make_namespace(f"{namespace}-buildx")
        results = bench(chosen, folder, namespace)
        print(facts.header(namespace, chosen))
        print()
        print(table.markdown(results) if chosen.markdown else table.plain(results))
        return 0
    except (Failed, OSError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("bench: interrupted", file=sys.stderr)
        return 130
    finally:
        # A second Ctrl-C must not leave half of it behind.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM):
            signal.signal(number, signal.SIG_IGN)
        cluster.remove_namespaces()
        shutil.rmtree(folder, ignore_errors=True)


sys.exit(main())
