"""A mail server that takes everything and counts: `python -m bench.sink PORT`, in a process of its own, fast enough not
to be what is measured. It answers each connection in order, takes pipelined commands, answers together what came
together (RFC 2920), and knows `STAT` on top, which answers how many mails came, how many Message-IDs, and the most that
one came.
"""

import asyncio
import re
import sys
from collections import Counter

MESSAGE_ID = re.compile(rb"^message-id:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
seen: Counter[bytes] = Counter()


class Server(asyncio.Protocol):
    """One connection."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport, self.waiting, self.is_text = transport, b"", False
        self.said: list[bytes] = []
        self.say(b"220 sink")
        self.flush()

    def say(self, line: bytes) -> None:
        self.said.append(line + b"\r\n")

    def flush(self) -> None:
        if self.said:
            self.transport.write(b"".join(self.said))  # type: ignore[attr-defined]
            self.said.clear()

    def data_received(self, data: bytes) -> None:
        self.waiting += data
        while True:
            end = b"\r\n.\r\n" if self.is_text else b"\r\n"
            piece, found, rest = self.waiting.partition(end)
            if not found:
                self.flush()
                return
            self.waiting = rest
            self.text(piece) if self.is_text else self.command(piece)

    def text(self, letter: bytes) -> None:
        self.is_text = False
        seen[MESSAGE_ID.search(letter)[1]] += 1  # type: ignore[index]
        self.say(b"250 2.0.0 kept")

    def command(self, line: bytes) -> None:
        verb = line[:4].upper()
        if verb == b"EHLO":
            self.say(b"250-sink\r\n250-PIPELINING\r\n250 ENHANCEDSTATUSCODES")
        elif verb == b"DATA":
            self.is_text = True
            self.say(b"354 go on")
        elif verb == b"STAT":
            self.say(b"211 %d %d %d" % (seen.total(), len(seen), max(seen.values(), default=0)))
        elif verb == b"QUIT":
            self.say(b"221 bye")
            self.flush()
            self.transport.close()
        else:
            self.say(b"250 2.0.0 yes")


async def serve(port: int) -> None:
    """Serve until the process is ended."""
    server = await asyncio.get_running_loop().create_server(Server, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
