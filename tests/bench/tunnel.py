"""This plugin's tunnel beside the least that can be written over the same port-forward."""

import functools
import json
import os
import socket
import subprocess
import threading
from pathlib import Path

import inside
import measure

BLOCK = bytes(1 << 20)
REPOSITORY = Path(__file__).resolve().parent.parent.parent
# Which way the program takes for what stands in the column of a tool.
WAYS = {"plugin": "own", "buildx": "raw"}


@functools.cache
def program():
    """The program that sends and takes, made with the release's own settings."""
    print("bench: building tests/bench/tunnel.rs, some minutes", flush=True)
    command = ["cargo", "build", "--release", "--locked", "--bench", "tunnel", "--message-format=json"]
    built = subprocess.run(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)
    if built.returncode != 0:
        raise measure.Failed("tests/bench/tunnel.rs cannot be built")
    lines = map(json.loads, built.stdout.splitlines())
    return next(line["executable"] for line in lines if line.get("target", {}).get("name") == "tunnel")


def run(what, direction, mib, tool):
    """Sends or takes as many MiB, through a pod that shares this machine's network, to or from a thread here."""
    inside.make(tool.namespace, tool.folder.parent.parent)
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=serve, args=(server, direction, mib), daemon=True).start()
        port = server.getsockname()[1]
        command = [program(), WAYS[tool.name], direction, tool.namespace, inside.POD, port, mib]
        return measure.run(f"{what}, {command[1]}", list(map(str, command)), tool.env, 300, tool.folder)


def serve(server, direction, mib):
    connection, _ = server.accept()
    with connection:
        if direction == "down":
            for _ in range(mib):
                connection.sendall(BLOCK)
            # Closed by the other side: what is on its way must not be cut.
            connection.recv(1)
            return
        buffer, missing = bytearray(1 << 20), mib << 20
        while missing and (taken := connection.recv_into(buffer)):
            missing -= taken
        if not missing:
            connection.sendall(b"x")
