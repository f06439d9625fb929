"""`registry webhooks list`: the addresses, how far each has come, and what is wrong."""

from __future__ import annotations

from datetime import datetime

from registry.cli.lines import write
from registry.cli.terminal import JSON
from registry.database import connect
from registry.exchange.webhooks import endpoints
from registry.exchange.webhooks.endpoints import Endpoint


def webhooks_list(as_json: JSON = False) -> None:
    """接收地址：送到哪里、有何问题。 / The addresses, how far each has come, and what is wrong."""
    with connect() as connection:
        every = endpoints.every(connection)
    for endpoint in every:
        if as_json:
            write(_object(endpoint))
        else:
            within = f" {endpoint.within}" if endpoint.within else ""
            print(f"{endpoint.id} {endpoint.feed}{within} {endpoint.url}")
            for sentence in _state(endpoint):
                print(f"  {sentence}")


def _object(endpoint: Endpoint) -> dict[str, object]:
    """Give an endpoint without its secret."""
    return {
        "id": endpoint.id,
        "url": endpoint.url,
        "feed": endpoint.feed,
        "within": endpoint.within,
        "internal": endpoint.internal,
        "position": endpoint.position,
        "added_at": _time(endpoint.added_at),
        "delivered_at": _time(endpoint.delivered_at),
        "attempts": endpoint.attempts,
        "next_at": _time(endpoint.next_at),
        "problem": endpoint.problem,
        "stopped_at": _time(endpoint.stopped_at),
    }


def _state(endpoint: Endpoint) -> list[str]:
    """Give how it stands, in zh and en."""
    if endpoint.stopped_at is not None:
        zh = f"已停送：接收方说不再接收（{endpoint.problem}）。恢复用 registry webhooks resume {endpoint.id}。"
        en = f"stopped: the receiver wants no more ({endpoint.problem}); webhooks resume {endpoint.id} goes on."
        return [zh, en]
    if endpoint.problem is not None:
        up_to, again, why = endpoint.position, _time(endpoint.next_at), endpoint.problem
        zh = f"已送到 {up_to}；下一条试了 {endpoint.attempts} 次未收（{why}），{again} 再试。"
        en = f"delivered up to {up_to}; the next was not taken {endpoint.attempts} times ({why}), again at {again}."
        return [zh, en]
    return [f"已送到 {endpoint.position}。", f"delivered up to {endpoint.position}."]


def _time(when: datetime | None) -> str | None:
    return None if when is None else when.isoformat(timespec="seconds").replace("+00:00", "Z")
