"""A proxy before the API server that is as far away, and as narrow, as a link."""

import contextlib
import json
import socket
import subprocess
import time
import urllib.request

from measure import Failed

MILLISECONDS_EACH_WAY = 25
# 100 Mbit/s.
NARROW_KILOBYTES_PER_SECOND = 12_500


@contextlib.contextmanager
def proxy(program, upstream, is_narrow):
    """Yields the address that stands for `upstream`, 25 ms away in each direction."""
    port = free_port()
    server = subprocess.Popen(
        [program, "-host", "127.0.0.1", "-port", str(port)],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )
    try:
        wait_for(server, port)
        made = post(port, "proxies", {
            "name": "api", "enabled": True, "listen": "127.0.0.1:0", "upstream": upstream.removeprefix("https://"),
        })
        for stream in ("upstream", "downstream"):
            # First: what waits for its time on the way has passed the narrow part.
            if is_narrow:
                add(port, stream, "bandwidth", {"rate": NARROW_KILOBYTES_PER_SECOND})
            add(port, stream, "latency", {"latency": MILLISECONDS_EACH_WAY})
        yield "https://" + made["listen"]
    finally:
        server.kill()
        server.wait()


def add(port, stream, kind, attributes):
    post(port, "proxies/api/toxics", {
        "name": f"{stream}-{kind}", "type": kind, "stream": stream, "attributes": attributes,
    })


def free_port():
    with socket.socket() as chooser:
        chooser.bind(("127.0.0.1", 0))
        return chooser.getsockname()[1]


def wait_for(server, port):
    for _ in range(100):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        if server.poll() is not None:
            break
        time.sleep(0.1)
    raise Failed("toxiproxy does not start")


def post(port, path, body):
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/{path}", json.dumps(body).encode(), {"Content-Type": "application/json"})
    # No proxy of the environment may come between.
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(request, timeout=10) as answer:
        return json.load(answer)
