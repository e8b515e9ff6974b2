"""A team's application: answers any request with who it is and what reached it.

    backends.py NAME ADDRESS PORT

A path that ends in /slow takes SLOW_SECONDS to be answered.
"""

import json
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SLOW_SECONDS = 3


class Application(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    name = ""

    def answer(self):
        length = int(self.headers.get("content-length") or 0)
        self.rfile.read(length)
        if self.path.split("?")[0].endswith("/slow"):
            time.sleep(SLOW_SECONDS)  # this is the slowness itself, not a wait for something
        seen = {"app": self.name, "method": self.command, "path": self.path, "host": self.headers.get("host")}
        body = (json.dumps(seen) + "\n").encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = answer

    def log_message(self, format, *arguments):
        print(f"{self.name}: {format % arguments}", flush=True)


def main():
    name, address, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
    Application.name = name
    server = ThreadingHTTPServer((address, port), Application)
    server.daemon_threads = True
    server.serve_forever()


if __name__ == "__main__":
    main()
