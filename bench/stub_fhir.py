"""A FHIR server that takes its time: every query is answered after a fixed delay, as many at once as asked.

python -m bench.stub_fhir PORT MILLISECONDS
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from typing import Final

from bench import charts

_LENGTH: Final = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")
_EMPTY: Final = {"resourceType": "Bundle", "type": "searchset", "total": 0}


class Stub:
    """Serves the bench's one patient; GET /queries tells how many queries came since it was last asked."""

    def __init__(self, delay_s: float) -> None:
        self.delay_s = delay_s
        self.queries = 0
        self.bodies = {
            "Patient": charts.patient(),
            "Condition": charts.conditions(),
            "Observation": charts.observations(),
        }

    async def serve_connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answers requests one after another until the client hangs up."""
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                if announced := _LENGTH.search(head):  # a search too long for an address comes as a form
                    await reader.readexactly(int(announced[1]))
                writer.write(await self._answer(head.split(b" ", 2)[1].decode()))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _answer(self, target: str) -> bytes:
        if target == "/queries":
            body, self.queries = json.dumps(self.queries).encode(), 0
        else:
            self.queries += 1
            await asyncio.sleep(self.delay_s)
            resource_type = target.removeprefix("/fhir/").split("?")[0].split("/")[0]
            body = json.dumps(self.bodies.get(resource_type, _EMPTY)).encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\nContent-Length: {len(body)}\r\n\r\n"
        return head.encode() + body


async def main(port: int, milliseconds: int) -> None:
    """Serves on loopback until the process is ended."""
    stub = Stub(milliseconds / 1000)
    server = await asyncio.start_server(stub.serve_connection, "127.0.0.1", port)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
