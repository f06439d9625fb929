"""`python -m tools.endurance.census serve …`: the registry, which on SIGUSR1 counts what is in its memory.

Each count goes to a file in the folder that CENSUS names, one for each process, a line of JSON for each time: by type
how many objects there are and how many bytes they take, those too that a server has set aside from its collector's
passes: only what is kept since before it forked its processes is the same in all. A copy of the process counts, which
neither holds the process nor leaves anything in its memory. It is a tool's: the program knows nothing of it.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import re
import runpy
import signal
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

FOLDER: Final = "CENSUS"
MOST: Final = 12  # types that are shown


def counted() -> dict[str, list[int]]:
    """By type, how many objects there are and their bytes, those included that no collector knows, as strings."""
    numbers: Counter[str] = Counter()
    sizes: defaultdict[str, int] = defaultdict(int)
    seen: set[int] = set()
    gc.unfreeze()  # what is set aside is not among the objects otherwise
    objects = gc.get_objects()
    for one in objects:
        seen.add(id(one))
        _count(one, numbers, sizes)
    for one in objects:
        for other in gc.get_referents(one):
            if id(other) not in seen and not gc.is_tracked(other):
                seen.add(id(other))
                _count(other, numbers, sizes)
    return {name: [numbers[name], sizes[name]] for name in numbers}


def allocated() -> dict[str, list[int]]:
    """What the C library holds of the system's memory, and how much of that is free: pieces between what is in use."""
    result: dict[str, list[int]] = {}
    with suppress(OSError, AttributeError), tempfile.NamedTemporaryFile() as file:
        library = ctypes.CDLL(None)
        library.fopen.restype = ctypes.c_void_p
        stream = ctypes.c_void_p(library.fopen(file.name.encode(), b"w"))
        library.malloc_info(0, stream)
        library.fclose(stream)
        whole = Path(file.name).read_text().rpartition("</heap>")[2]
        for name, pattern in (
            ("held", r'<system type="current" size="(\d+)"'),
            ("free", r'<total type="rest".*size="(\d+)"'),
        ):
            if match := re.search(pattern, whole):
                result[f"(C library: {name})"] = [1, int(match[1])]
    statm = Path("/proc/self/statm").read_text().split()
    return result | {"(resident)": [1, int(statm[1]) * os.sysconf("SC_PAGE_SIZE")]}


def _count(one: Any, numbers: Counter[str], sizes: defaultdict[str, int]) -> None:
    name = f"{type(one).__module__}.{type(one).__qualname__}"
    numbers[name] += 1
    try:
        sizes[name] += sys.getsizeof(one)
    except (TypeError, ReferenceError, ValueError):
        return


def grown(folder: Path) -> Iterable[str]:
    """What there was more of at the last census of each process than at the one before it, the most bytes first."""
    for file in sorted(folder.glob("*.census")):
        lines = [json.loads(line) for line in file.read_text().splitlines()]
        if len(lines) < 2:
            continue
        before, after = lines[-2], lines[-1]
        rows = [(after[name][1] - before.get(name, [0, 0])[1], name) for name in after]
        total = [sum(size for name, (_, size) in line.items() if name[0] != "(") / (1 << 20) for line in lines]
        yield f"{file.stem}: MiB at each census {[round(each) for each in total]}"
        for size, name in sorted(rows, reverse=True)[:MOST]:
            yield f"    {size / (1 << 20):+8.1f} MiB  {[line.get(name, [0, 0])[0] for line in lines]}  {name}"


def _write(_: int, __: object) -> None:
    name = Path(os.environ[FOLDER]) / f"{os.getpid()}.census"
    between = os.fork()
    if between:
        os.waitpid(between, 0)
        return
    # The child of a child, that the server has no child of which it knows nothing, and its memory is not the server's.
    if not os.fork():
        with suppress(Exception), name.open("a") as file:
            file.write(json.dumps(allocated() | counted()) + "\n")
    os._exit(0)


if __name__ == "__main__":
    signal.signal(signal.SIGUSR1, _write)
    sys.argv[0] = "registry"
    runpy.run_module("registry", run_name="__main__")
