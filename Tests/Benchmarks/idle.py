"""Opens idle keep-alive connections and holds them until standard input ends.

usage: idle.py HOST PORT PATH HOST-FIELD COUNT
Says "held" when every connection has had one answer; each line on standard input asks how many are still open.
"""

import socket
import sys

from processes import raise_descriptor_limit

ANSWER_TIMEOUT = 5.0


def open_one(host, port, request):
    connection = socket.create_connection((host, port), timeout=ANSWER_TIMEOUT)
    connection.sendall(request)
    answer = b""
    while b"\r\n\r\n" not in answer:
        piece = connection.recv(65536)
        if not piece:
            raise OSError("closed before an answer")
        answer += piece
    head, body = answer.split(b"\r\n\r\n", 1)
    if not head.startswith(b"HTTP/1.1 200"):
        raise OSError(f"unexpected answer {head[:40]!r}")
    length = int(head.lower().split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
    while len(body) < length:
        body += connection.recv(65536)
    connection.setblocking(False)
    return connection


def is_open(connection):
    try:
        return connection.recv(1, socket.MSG_PEEK) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False


def main():
    host, port, path, authority, count = sys.argv[1:]
    raise_descriptor_limit()
    request = f"GET {path} HTTP/1.1\r\nHost: {authority}\r\nUser-Agent: idle\r\nAccept: */*\r\n\r\n".encode()
    try:
        held = [open_one(host, int(port), request) for _ in range(int(count))]
    except OSError as error:
        print(f"failed: {error}", flush=True)
        return 1
    print("held", flush=True)
    for _ in sys.stdin:
        print(sum(map(is_open, held)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
