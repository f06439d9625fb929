"""How often somebody may try to log in, by account and by address, or a receipt's number, by address.

All is counted in the database for all processes.

A try is counted before its password is looked at, so that many at once do not slip through; one that succeeds is taken
off again. Names that no account has are counted like others. What is refused costs no hashing.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Collection
from typing import Any, Final

import psycopg

from registry.access.problems import AccountProblem

WINDOW: Final = 15 * 60  # seconds
OF_ACCOUNT: Final = 10  # tries in the window
OF_ADDRESS: Final = 100  # an office's computers often share one
RECEIPTS: Final = 60  # numbers that an address may look up in the window without one being right
_COUNT: Final = """
INSERT INTO access.attempt AS a (key, tries) SELECT key, 1 FROM unnest(%(keys)s::bytea[]) AS k (key) ORDER BY key
ON CONFLICT (key) DO UPDATE SET
    tries = CASE WHEN a.since < now() - make_interval(secs => %(window)s) THEN 1 ELSE least(a.tries + 1, 1000000) END,
    since = CASE WHEN a.since < now() - make_interval(secs => %(window)s) THEN now() ELSE a.since END
RETURNING a.key, a.tries, ceil(%(window)s - extract(epoch FROM now() - a.since))::integer
"""
# Never waits for another's row, and so never for one that waits for this.
_OLD: Final = """
DELETE FROM access.attempt WHERE key IN (
    SELECT key FROM access.attempt WHERE since < now() - make_interval(secs => %s) LIMIT 1000 FOR UPDATE SKIP LOCKED)
"""


def count(connection: psycopg.Connection[Any], name: str, address: str) -> None:
    """Count a try. Raises AccountProblem: too-many-attempts, with the seconds to wait."""
    of_account, of_address = _keys(name, address)
    limits = {of_account: OF_ACCOUNT, of_address: OF_ADDRESS}
    rows = connection.execute(_COUNT, {"keys": [of_account, of_address], "window": WINDOW}).fetchall()
    if any(tries == 1 for _, tries, _ in rows):  # where keys are added, old ones are taken away
        connection.execute(_OLD, (WINDOW,))
    waits = {key: max(wait, 1) for key, tries, wait in rows if tries > limits[key]}
    if waits:
        raise refusal(waits.get(of_address, 0) or max(waits.values()), of_address=of_address in waits)


def refusal(wait: int, *, of_address: bool) -> AccountProblem:
    """What is said to who tried too often."""
    minutes = -(-wait // 60)
    return AccountProblem(
        "too-many-attempts",
        f"登录尝试过多，请 {minutes} 分钟后再试。",
        f"Too many attempts to log in: try again in {minutes} minutes.",
        wait=wait,
        of_address=of_address,
    )


def succeeded(connection: psycopg.Connection[Any], name: str, address: str) -> None:
    """Take a try off again that succeeded: the account's are forgotten, the address's is one fewer."""
    of_account, of_address = _keys(name, address)
    connection.execute("DELETE FROM access.attempt WHERE key = %s", (of_account,))
    connection.execute("UPDATE access.attempt SET tries = tries - 1 WHERE key = %s AND tries > 0", (of_address,))


def locked(connection: psycopg.Connection[Any], names: Collection[str]) -> dict[str, int]:
    """Of accounts, by their names as kept, those that nobody can log in with for now: in how many minutes again."""
    keys = {_account_key(name): name for name in names}
    rows = connection.execute(
        "SELECT key, ceil((%(window)s - extract(epoch FROM now() - since)) / 60)::integer FROM access.attempt"
        " WHERE key = ANY(%(keys)s) AND tries >= %(most)s AND since >= now() - make_interval(secs => %(window)s)",
        {"keys": list(keys), "most": OF_ACCOUNT, "window": WINDOW},
    ).fetchall()
    return {keys[key]: max(minutes, 1) for key, minutes in rows}


def tried(connection: psycopg.Connection[Any], name: str) -> int:
    """How often it was tried in the window to log in with an account, by its name as kept, and failed."""
    row = connection.execute(
        "SELECT tries FROM access.attempt WHERE key = %s AND since >= now() - make_interval(secs => %s)",
        (_account_key(name), WINDOW),
    ).fetchone()
    return row[0] if row else 0


def forget(connection: psycopg.Connection[Any], name: str) -> bool:
    """Forget the tries to log in with an account, by its name as kept; whether there were any."""
    return connection.execute("DELETE FROM access.attempt WHERE key = %s", (_account_key(name),)).rowcount > 0


def count_receipt(connection: psycopg.Connection[Any], address: str) -> None:
    """Count a look at a receipt from an address. Raises AccountProblem: too-many-attempts, with the seconds to wait."""
    ((_, tries, wait),) = connection.execute(_COUNT, {"keys": [_receipts_key(address)], "window": WINDOW}).fetchall()
    if tries == 1:
        connection.execute(_OLD, (WINDOW,))
    if tries > RECEIPTS:
        minutes = -(-max(wait, 1) // 60)
        raise AccountProblem(
            "too-many-attempts",
            f"查得太多，请 {minutes} 分钟后再查。",
            f"Too many numbers were looked up: try again in {minutes} minutes.",
            wait=max(wait, 1),
            of_address=True,
        )


def receipt_was_right(connection: psycopg.Connection[Any], address: str) -> None:
    """Take a look at a receipt off again that had a right number."""
    connection.execute(
        "UPDATE access.attempt SET tries = tries - 1 WHERE key = %s AND tries > 0", (_receipts_key(address),)
    )


def _receipts_key(address: str) -> bytes:
    return hashlib.sha256(f"receipts {network(address)}".encode("utf-8", "surrogatepass")).digest()


def network(address: str) -> str:
    """What an address is counted as: of IPv6 its first 64 bits, which one customer has whole."""
    try:
        read = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(read, ipaddress.IPv6Address):
        return str(read.ipv4_mapped or ipaddress.ip_network((read, 64), strict=False))
    return str(read)


def _keys(name: str, address: str) -> tuple[bytes, bytes]:
    """The keys of an account and of an address."""
    text = f"address {network(address)}"
    return _account_key(name), hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _account_key(name: str) -> bytes:
    return hashlib.sha256(f"account {name}".encode("utf-8", "surrogatepass")).digest()
