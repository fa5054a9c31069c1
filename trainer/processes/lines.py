"""Short messages between processes: a JSON object a line over TCP. Nothing that comes in is trusted. No torch here."""

import json
import socket
from typing import Any

LONGEST_BYTES = 64 * 1024
"""Of what stands in a line that has not ended yet."""
Message = dict[str, Any]


class Lines:
    """One end of a connection."""

    def __init__(self, connection: socket.socket) -> None:
        """Messages of a connected socket."""
        self.connection = connection
        self._begun = b""

    def send(self, message: Message) -> None:
        """Raises OSError where the other end is gone, or takes nothing more."""
        self.connection.sendall(f"{json.dumps(message)}\n".encode())

    def receive(self) -> list[Message] | None:
        """What has come; None: nothing will come any more. Raises OSError, TimeoutError among them; ValueError where it
        is none of ours."""
        read = self.connection.recv(LONGEST_BYTES)
        if not read:
            return None
        *lines, self._begun = (self._begun + read).split(b"\n")
        if len(self._begun) > LONGEST_BYTES:
            raise ValueError("a line without end")
        found = [json.loads(line) for line in lines]
        if not all(isinstance(one, dict) for one in found):
            raise ValueError("no message")
        return found

    def close(self) -> None:
        """The other end hears of it."""
        self.connection.close()
