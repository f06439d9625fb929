"""`registry serve`: pages and the API over HTTP."""

from __future__ import annotations

from typing import Annotated

import typer


def serve(
    host: Annotated[str, typer.Option(help="监听地址。 / Address to listen on.")] = "127.0.0.1",
    workers: Annotated[
        int, typer.Option(min=1, max=64, help="同时运行几个进程，共用一个地址。 / Processes that share the address.")
    ] = 1,
    port: Annotated[int, typer.Option(min=0, max=65535, help="端口，0 为任选。 / Port; 0 takes any.")] = 8000,
    open_to_everybody: Annotated[
        bool,
        typer.Option(
            "--open-to-everybody",
            help="没有账号时，也让连得上的人都能查看和记录。 / Without accounts, let whoever reaches it do everything.",
        ),
    ] = False,
) -> None:
    """启动服务：页面和接口。 / Serve the pages and the API."""
    from registry import web  # two seconds, which `--help` does without

    web.serve(host, port, processes=workers, open_to_everybody=open_to_everybody)
