"""`registry …` for a shell, by the preloaded process (preloaded.py), which it finds in milliseconds."""

import json
import os
import socket
import sys

with socket.socket(socket.AF_UNIX) as talk:
    talk.connect(os.environ["QUANZE_PRELOADED"])
    socket.send_fds(talk, [b" "], [0, 1, 2])
    arguments = ["-m", "registry", *sys.argv[1:]]
    request = {"arguments": arguments, "environment": dict(os.environ), "cwd": os.getcwd()}  # noqa: PTH109  pathlib takes as long as all the rest
    talk.sendall(json.dumps(request).encode() + b"\n")
    with talk.makefile("r") as lines:
        lines.readline()
        sys.exit(int(lines.readline()) % 256)
