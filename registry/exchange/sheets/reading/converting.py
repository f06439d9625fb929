"""Files that only an office program can open (.doc, .wps), made .docx or .xlsx by LibreOffice where it is installed."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import orjson

from registry.exchange.sheets.problems import BadSheet, SheetProblem, damaged
from registry.exchange.sheets.reading import confinement

SECONDS: Final = 90
PROGRAMS: Final = ("soffice", "libreoffice")
_RESTART: Final = (79, 81)  # the status with which it asks to be started anew, as it does with a new profile
# What it may use: address space, processor seconds, bytes of a file that it writes.
_LIMITS: Final = {"RLIMIT_AS": 4 << 30, "RLIMIT_CPU": 60, "RLIMIT_FSIZE": 200 << 20, "RLIMIT_CORE": 0}


def program() -> str | None:
    """The path of LibreOffice's program; None where it is not installed."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


def converted(content: bytes, filename: str) -> bytes:
    """The file as a .docx, or an .xlsx where that is what it is. Raises BadSheet: not installed, damaged, too slow.

    The program runs in a folder of its own that is deleted afterwards, without this process's environment, the network
    and the files of anybody (`confinement`), macros and addresses in the file left alone; it is stopped, with all that
    it started, when its time is up.
    """
    office = program()
    if office is None:
        raise _not_installed(filename)
    ending = Path(filename).suffix.lower()
    wanted, filters = ("xlsx", "Calc MS Excel 2007 XML") if ending in (".et", ".xls") else ("docx", "MS Word 2007 XML")
    with tempfile.TemporaryDirectory(prefix="quanze-office-") as folder:
        source = Path(folder, "in", f"list{ending if ending in ('.et', '.xls') else '.doc'}")
        source.parent.mkdir()
        source.write_bytes(content)
        order = {"folder": folder, "limits": _LIMITS}
        command = [
            *(sys.executable, "-I", confinement.__file__, orjson.dumps(order).decode(), office),
            f"-env:UserInstallation={Path(folder, 'profile').as_uri()}",
            *("--headless", "--norestore", "--nolockcheck", "--nodefault", "--nofirststartwizard"),
            *("--convert-to", f"{wanted}:{filters}", "--outdir", folder, str(source)),
        ]
        environment = {
            "PATH": os.defpath,
            "HOME": folder,
            "TMPDIR": folder,
            "LANG": "C.UTF-8",
            "SAL_USE_VCLPLUGIN": "svp",
        }
        for _ in range(2):
            if _run(command, environment, folder, filename) not in _RESTART:
                break
        result = Path(folder, f"list.{wanted}")
        if not result.is_file():
            raise damaged(filename, "LibreOffice")
        return result.read_bytes()


def _run(command: Sequence[str], environment: Mapping[str, str], folder: str, filename: str) -> int:
    """Run a program and wait for it; its status. Raises BadSheet where it takes too long: then all of it is stopped."""
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment,
        cwd=folder,
        start_new_session=True,
    )
    try:
        return process.wait(SECONDS)
    except subprocess.TimeoutExpired:
        raise _too_slow(filename) from None
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # all that it started, and nothing else
        process.wait()


def _not_installed(filename: str) -> BadSheet:
    zh = (
        "这是旧版文字文档（.doc、.wps），本机没有安装 LibreOffice，打不开：请用 Word 或 WPS 打开，另存为 .docx 再导入；"
        "或请管理员安装 LibreOffice（libreoffice-writer、libreoffice-calc）后直接导入。"
    )
    en = (
        "This is an old document (.doc, .wps), and LibreOffice, which opens it, is not installed here: open it in Word"
        " or WPS, save it as .docx and import again; or have it installed (libreoffice-writer, libreoffice-calc)."
    )
    return BadSheet([SheetProblem(filename, "", "office-needed", zh, en)])


def _too_slow(filename: str) -> BadSheet:
    zh = f"LibreOffice 在 {SECONDS} 秒内没有转换完：请用 Word 或 WPS 打开，另存为 .docx 再导入。"
    en = f"LibreOffice did not convert it within {SECONDS} seconds: open it in Word or WPS, save it as .docx."
    return BadSheet([SheetProblem(filename, "", "too-slow", zh, en)])
