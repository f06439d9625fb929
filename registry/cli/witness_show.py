"""`registry witness show`: which witnesses there are, and up to where each has cosigned the log."""

from __future__ import annotations

from registry.cli.lines import write
from registry.cli.terminal import JSON, fail
from registry.database import connect
from registry.log import cosignatures, witness_policy
from registry.log.witness_policy import Policy


def witness_show(as_json: JSON = False) -> None:
    """证人和副署：各副署到第几项、何时。 / Witnesses, and up to where each has cosigned the log, and when."""
    policy = need_policy()
    with connect() as connection:
        row = connection.execute("SELECT coalesce(max(position), 0) FROM log.decision").fetchone()
        kept = cosignatures.kept(connection, policy.keys)
    whole = row[0] if row else 0
    for witness in policy.witnesses:
        results = [(each.size, given) for each in kept for given in each.by if given.witness == witness.key]
        size, given = results[0] if results else (0, None)
        when = given.given_at.isoformat().replace("+00:00", "Z") if given else None
        if as_json:
            line = {"name": witness.name, "key": str(witness.key), "url": witness.url, "size": size, "given_at": when}
            write(line | {"behind": whole - size})
        elif when is None:
            print(f"{witness.name}：尚未副署。 / {witness.name}: has cosigned nothing yet.")
        else:
            print(f"{witness.name}：{when} 副署前 {size} 项，之后又有 {whole - size} 项。")
            print(f"{witness.name}: cosigned the first {size} at {when}; {whole - size} came later.")


def need_policy() -> Policy:
    """Give the configured policy of witnesses. Leaves where there is none; raises BadPolicy where it is wrong."""
    policy = witness_policy.configured()
    if policy is None:
        fail(
            "no-witnesses",
            "没有设置证人。请写好证人文件，并设 REGISTRY_WITNESS_POLICY 为其路径。",
            "There are no witnesses. Write a file of them and set REGISTRY_WITNESS_POLICY to its path.",
        )
    return policy
