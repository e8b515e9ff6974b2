"""The name server of the world outside: knows one name, says so with a short time to live.

    nameserver.py ADDRESS NAME ANSWER
"""

import ipaddress
import socket
import struct
import sys

TIME_TO_LIVE = 5
TYPE_A, CLASS_IN = 1, 1
FLAGS_ANSWER, FLAGS_NO_SUCH_NAME = 0x8480, 0x8483
HEADER = struct.Struct("!HHHHHH")


def question(packet):
    """The asked name in lower case, its type, and the question's bytes."""
    labels, position = [], HEADER.size
    while length := packet[position]:
        labels.append(packet[position + 1:position + 1 + length].decode("ascii", "replace").lower())
        position += 1 + length
    end = position + 5
    return ".".join(labels), struct.unpack("!H", packet[position + 1:position + 3])[0], packet[HEADER.size:end]


def reply(packet, name, address):
    """The answer to a query packet: the address for the known name's A record, nothing for its other types."""
    asked, kind, raw = question(packet)
    identity = struct.unpack("!H", packet[:2])[0]
    if asked != name:
        return HEADER.pack(identity, FLAGS_NO_SUCH_NAME, 1, 0, 0, 0) + raw
    if kind != TYPE_A:
        return HEADER.pack(identity, FLAGS_ANSWER, 1, 0, 0, 0) + raw
    # 0xc00c points back at the question's name.
    record = struct.pack("!HHHIH", 0xC00C, TYPE_A, CLASS_IN, TIME_TO_LIVE, 4) + ipaddress.IPv4Address(address).packed
    return HEADER.pack(identity, FLAGS_ANSWER, 1, 1, 0, 0) + raw + record


def main():
    listen, name, address = sys.argv[1:4]
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind((listen, 53))
    while True:
        packet, client = server.recvfrom(4096)
        try:
            server.sendto(reply(packet, name, address), client)
        except (IndexError, struct.error):
            print(f"nameserver: ignored a malformed query from {client[0]}", flush=True)


if __name__ == "__main__":
    main()
