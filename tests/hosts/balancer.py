"""``python -m tests.hosts.balancer HOST PORT BACKEND_PORT…``: one address before several web processes of its host.

Connections go to them in turn; one that refuses is passed over. Bytes pass unread, so websockets do too.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import sys

CHUNK = 64 * 1024


class Balancer:
    def __init__(self, host: str, ports: list[int]) -> None:
        self.host = host
        self.ports = ports
        self.turn = itertools.count()

    async def serve(self, port: int) -> None:
        server = await asyncio.start_server(self._take, self.host, port)
        await server.serve_forever()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            behind_reader, behind_writer = await self._backend()
            await asyncio.gather(_pass(reader, behind_writer), _pass(behind_reader, writer))
        writer.close()

    async def _backend(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        first = next(self.turn)
        for offset in range(len(self.ports)):
            port = self.ports[(first + offset) % len(self.ports)]
            with contextlib.suppress(OSError):
                return await asyncio.open_connection(self.host, port)
        raise ConnectionRefusedError


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(CHUNK):
            writer.write(data)
            await writer.drain()
    writer.close()


if __name__ == "__main__":
    host, port, *backends = sys.argv[1:]
    asyncio.run(Balancer(host, [int(each) for each in backends]).serve(int(port)))
