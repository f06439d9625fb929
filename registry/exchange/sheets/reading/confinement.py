"""What the process that opens a stranger's file gives up for good before it opens it: the network, other files, others.

A flaw in a library that reads .xls or .pdf can let the file's author run what he likes in that process. Its environment
is empty already, and of this machine's files it has been handed one. On Linux the kernel takes the rest: `seccomp`
refuses system calls that open sockets, start programs or look into other processes (Linux 3.5), Landlock refuses files
outside of those named (Linux 5.13), connections (6.7), and signals to others (6.12). Elsewhere, and where the kernel is
older or built without, what is missing is refused as far as Python sees it: that stops no machine code.

Imports nothing but the standard library: `python -I confinement.py JSON PROGRAM …` confines itself, and then becomes a
program (`argv`).
"""

from __future__ import annotations

import ctypes
import json
import os
import platform
import resource
import struct
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

# Not named by any module of the standard library: include/uapi/linux/{prctl,seccomp,landlock,audit}.h.
_SET_SECCOMP, _FILTER, _SET_NO_NEW_PRIVS = 22, 2, 38
_LOAD, _EQUAL, _ABOVE, _ANY_SET, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06  # of BPF: words, jumps, the verdict
_ALLOW, _KILL = 0x7FFF0000, 0x80000000
_NOT_PERMITTED, _NOT_THERE = 0x00050000 | 1, 0x00050000 | 38  # EPERM, ENOSYS
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16  # where struct seccomp_data has them
_X32: Final = 0x40000000  # system calls of a second kind on x86_64
_THREAD: Final = 0x00010000  # CLONE_THREAD
_UNIX: Final = 1  # AF_UNIX

_EVERYWHERE: Final = {"io_uring_setup": 425, "pidfd_send_signal": 424, "pidfd_getfd": 438, "clone3": 435}
# By machine: how the kernel calls it, and its system calls.
_CALLS: Final[Mapping[str, tuple[int, Mapping[str, int]]]] = {
    "x86_64": (
        0xC000003E,
        _EVERYWHERE
        | {"socket": 41, "connect": 42, "accept": 43, "bind": 49, "listen": 50, "clone": 56, "fork": 57, "vfork": 58}
        | {"execve": 59, "kill": 62, "ptrace": 101, "rt_sigqueueinfo": 129, "pivot_root": 155, "chroot": 161}
        | {"mount": 165, "umount2": 166, "tkill": 200, "tgkill": 234, "add_key": 248, "request_key": 249}
        | {"keyctl": 250, "unshare": 272, "rt_tgsigqueueinfo": 297, "perf_event_open": 298, "open_by_handle_at": 304}
        | {"setns": 308, "process_vm_readv": 310, "process_vm_writev": 311, "bpf": 321, "execveat": 322}
        | {"userfaultfd": 323},
    ),
    "aarch64": (
        0xC00000B7,
        _EVERYWHERE
        | {"umount2": 39, "mount": 40, "pivot_root": 41, "chroot": 51, "unshare": 97, "ptrace": 117, "kill": 129}
        | {"tkill": 130, "tgkill": 131, "rt_sigqueueinfo": 138, "socket": 198, "bind": 200, "listen": 201}
        | {"accept": 202, "connect": 203, "add_key": 217, "request_key": 218, "keyctl": 219, "clone": 220}
        | {"execve": 221, "rt_tgsigqueueinfo": 240, "perf_event_open": 241, "open_by_handle_at": 265, "setns": 268}
        | {"process_vm_readv": 270, "process_vm_writev": 271, "bpf": 280, "execveat": 281, "userfaultfd": 282},
    ),
}
# What a program such as LibreOffice needs, whose parts talk over sockets of this machine and start each other.
_PROGRAMS: Final = frozenset(
    {"connect", "accept", "bind", "listen", "clone", "clone3", "fork", "vfork", "execve", "kill", "tkill"}
)

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_EXECUTE, _WRITE, _READ, _LIST = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_REMOVE_FILE, _MAKE_SOCKET = 1 << 5, 1 << 9
_OF_FILES: Final = _EXECUTE | _WRITE | _READ | 1 << 14 | 1 << 15  # that a rule for a plain file may grant
_FILE_RIGHTS: Final = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}  # how many the kernel knows, by Landlock's version
_CONNECTIONS, _OTHERS = 0b11, 0b11  # TCP: bind, connect; of others: abstract sockets, signals

_SYSTEM: Final = ("/usr", "/lib", "/lib64", "/lib32", "/bin", "/opt", "/etc/ld.so.cache", "/etc/localtime", "/etc/ssl")
_DEVICES: Final = ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random")
_MACHINE: Final = ("/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/sys", "/sys/devices/system", "/sys/fs/cgroup")


@dataclass(frozen=True, slots=True)
class Confined:
    """What the kernel refuses from now on; what it does not, Python does."""

    system_calls: bool
    files: bool


def confine_reader(packages: Iterable[Path]) -> Confined:
    """Give up everything but reading what Python and these packages are made of. For this process, for good."""
    readable = [*_SYSTEM, *_DEVICES, *_MACHINE, sys.prefix, sys.base_prefix, *map(str, packages)]
    readable += [entry for entry in sys.path if entry and not _has_any(entry, packages)]
    confined = Confined(
        files=_restrict_files(dict.fromkeys(readable, _READ | _LIST) | {"/dev/null": _READ | _WRITE}),
        system_calls=_restrict_calls(frozenset(), local_sockets=False),
    )
    sys.addaudithook(_refuse)
    return confined


def confine_program(program: Path, folder: Path) -> Confined:
    """Give up the network and all files but the system's, the program's own folder, and one folder to work in."""
    readable = [*_SYSTEM, *_MACHINE, "/etc", "/dev", "/var", "/run", "/snap", sys.prefix, sys.base_prefix]
    rights = dict.fromkeys((*readable, str(program.parent), str(program.resolve().parent)), _EXECUTE | _READ | _LIST)
    rights |= dict.fromkeys(_DEVICES, _WRITE | _READ)
    # LibreOffice makes the socket by which its second process finds the first in one of these.
    rights |= dict.fromkeys(("/tmp", "/var/tmp"), _MAKE_SOCKET | _REMOVE_FILE)  # noqa: S108
    rights |= {"/dev/shm": ~0, str(folder): ~0}  # noqa: S108
    return Confined(files=_restrict_files(rights), system_calls=_restrict_calls(_PROGRAMS, local_sockets=True))


def _has_any(entry: str, packages: Iterable[Path]) -> bool:
    """Whether a folder of modules is one of a checkout, of which only the packages are anybody's to read."""
    return any(package.parent == Path(entry) for package in packages)


def _refuse(event: str, _: tuple[Any, ...]) -> None:
    """What Python tells of before it does it: refuse what a reader of files never does."""
    if event.startswith(("socket.", "subprocess.", "os.exec", "os.posix_spawn", "os.system", "os.fork", "os.kill")):
        raise PermissionError(f"{event} is not permitted here")


# ------------------------------------------------------------------------------------------ system calls (seccomp)


def _restrict_calls(allowed: frozenset[str], *, local_sockets: bool) -> bool:
    """Refuse system calls of `_CALLS` but these, for good; whether the kernel does so."""
    machine = _CALLS.get(platform.machine())
    if not sys.platform.startswith("linux") or machine is None or sys.maxsize < 2**32:
        return False
    program = _filter(*machine, allowed, local_sockets=local_sockets)
    code = ctypes.create_string_buffer(b"".join(program))
    # struct sock_fprog: how many, then (aligned) where.
    described = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(program), ctypes.addressof(code)))
    libc = ctypes.CDLL(None, use_errno=True)
    return (
        libc.prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
        and libc.prctl(_SET_SECCOMP, _FILTER, ctypes.c_void_p(ctypes.addressof(described)), 0, 0) == 0
    )


def _filter(
    architecture: int, calls: Mapping[str, int], allowed: frozenset[str], *, local_sockets: bool
) -> list[bytes]:
    """The program in BPF that says of each system call whether it may be."""

    def step(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
        return struct.pack("HBBI", code, yes, no, value)

    def of_argument(name: str, code: int, value: int) -> list[bytes]:
        """Permit a call only where its first argument is, or has set, that value."""
        return [
            step(_EQUAL, calls[name], 0, 4),
            step(_LOAD, _FIRST_ARGUMENT),
            step(code, value, 0, 1),
            step(_RETURN, _ALLOW),
            step(_RETURN, _NOT_PERMITTED),
        ]

    program = [
        step(_LOAD, _ARCHITECTURE),
        step(_EQUAL, architecture, 1, 0),
        step(_RETURN, _KILL),
        step(_LOAD, _NUMBER),
        step(_ABOVE, _X32, 0, 1),
        step(_RETURN, _KILL),
    ]
    special = {"tgkill"}
    program += of_argument("tgkill", _EQUAL, os.getpid()) if "kill" not in allowed else []
    if local_sockets:
        special.add("socket")
        program += of_argument("socket", _EQUAL, _UNIX)
    if "clone" not in allowed:
        special |= {"clone", "clone3"}
        program += of_argument("clone", _ANY_SET, _THREAD)
        program += [step(_EQUAL, calls["clone3"], 0, 1), step(_RETURN, _NOT_THERE)]  # then clone is tried
    refused = [number for name, number in calls.items() if name not in allowed and name not in special]
    for number in refused:
        program += [step(_EQUAL, number, 0, 1), step(_RETURN, _NOT_PERMITTED)]
    return [*program, step(_RETURN, _ALLOW)]


# ------------------------------------------------------------------------------------------ files (Landlock)


def _restrict_files(rights: Mapping[str, int]) -> bool:
    """Refuse all files but those beneath these paths, each with its rights, for good; whether the kernel does so."""
    if not sys.platform.startswith("linux"):
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    version = libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), 1)
    if version < 1:
        return False
    known = (1 << _FILE_RIGHTS.get(version, 16)) - 1
    handled = struct.pack("QQQ", known, _CONNECTIONS, _OTHERS)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    ruleset = libc.syscall(_CREATE_RULESET, handled, ctypes.c_size_t(size), 0)
    if ruleset < 0:
        return False
    try:
        for path, granted in rights.items():
            with suppress(OSError):  # not every machine has each
                _grant(libc, ruleset, path, granted & known)
        return libc.prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 and libc.syscall(_RESTRICT_SELF, ruleset, 0) == 0
    finally:
        os.close(ruleset)


def _grant(libc: Any, ruleset: int, path: str, rights: int) -> None:
    beneath = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        granted = rights if Path(path).is_dir() else rights & _OF_FILES
        libc.syscall(_ADD_RULE, ruleset, 1, struct.pack("=Qi", granted, beneath), 0)
    finally:
        os.close(beneath)


def main() -> None:
    """Confine this process to a folder, limit what it may use, and become a program."""
    order: dict[str, Any] = json.loads(sys.argv[1])
    program = Path(sys.argv[2])
    for name, most in order["limits"].items():
        resource.setrlimit(getattr(resource, name), (most, most))
    confine_program(program, Path(order["folder"]))
    os.execv(program, sys.argv[2:])  # noqa: S606


if __name__ == "__main__":
    main()
