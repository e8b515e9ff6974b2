"""Connections that watch: each asks one question and keeps what it is answered."""

import select
import socket
import ssl

TAIL = 200  # bytes kept of what was read before, for a mark that comes in two pieces


class Stream:
    """A connection that sends one request and reads whatever comes."""

    def __init__(self, address, target, context=None, token=None, source=None):
        self.tail = b""
        self.received = 0
        connection = socket.create_connection(address, source_address=(source, 0) if source else None)
        self.socket = context.wrap_socket(connection, server_hostname="localhost") if context else connection
        authorization = f"Authorization: Bearer {token}\r\n" if token else ""
        self.socket.sendall(f"GET {target} HTTP/1.1\r\nHost: fanout\r\n{authorization}\r\n".encode())
        self.socket.setblocking(False)

    def windows(self):
        """Yields what is there, each piece behind the end of the one before it."""
        while True:
            try:
                piece = self.socket.recv(1 << 16)
            except (BlockingIOError, ssl.SSLWantReadError):
                return
            if not piece:
                raise ConnectionError("the server ended a watch")
            self.received += len(piece)
            window = self.tail + piece
            self.tail = window[-TAIL:]
            yield window

    def read(self, mark):
        """Takes what is there; whether `mark` was in it."""
        found = False
        for window in self.windows():
            found = found or mark in window
        return found


def await_streams(streams, step, limit, what):
    """Calls `step` with each stream that has something until it has said True once for all of them."""
    poll = select.epoll()
    waiting = {stream.socket.fileno(): stream for stream in streams}
    for descriptor in waiting:
        poll.register(descriptor, select.EPOLLIN)
    while waiting:
        events = poll.poll(limit)
        if not events:
            raise TimeoutError(f"{len(waiting)} of {len(streams)} streams did not {what} within {limit:.0f} s")
        for descriptor, _ in events:
            stream = waiting.get(descriptor)
            if stream is not None and step(stream):
                poll.unregister(descriptor)
                del waiting[descriptor]
    poll.close()
