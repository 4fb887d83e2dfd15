"""A registry of schemas as far as tests need one: what it answers is said by the first part of the path.

Prints its port and goes on until standard input ends. With two arguments it speaks TLS with that certificate and key.
"""

import http.server
import json
import ssl
import sys
import threading

ANSWERS = {
    "ok": (200, {"id": 7}),
    "conflict": (409, {"error_code": 409, "message": "Schema being registered is incompatible with an earlier schema"}),
    "invalid": (422, {"error_code": 42201, "message": "Either the input schema or one its references is invalid"}),
    "broken": (500, {"error_code": 50001, "message": "Error in the backend data store"}),
    "odd": (200, ["no", "id"]),
    "large": (200, {"id": 1, "padding": "x" * (2 << 20)}),
    "moved": (301, {}),
}
seen = []
over = threading.Event()


class Registry(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        mode = self.path.split("/")[1]
        if mode == "seen":
            return self.send(200, seen)
        seen.append({
            "method": self.command, "path": self.path, "type": self.headers.get("Content-Type"),
            "expect": self.headers.get("Expect"), "body": body.decode(),
        })
        if mode == "hang":
            over.wait(60)
            return None
        return self.send(*ANSWERS.get(mode, (404, {"error_code": 404, "message": "HTTP 404 Not Found"})))

    do_GET = do_POST = answer

    def send(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        if status == 301:
            self.send_header("Location", "/ok/elsewhere")
        self.send_header("Content-Type", "application/vnd.schemaregistry.v1+json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Registry)
server.daemon_threads = True
server.handle_error = lambda request, address: None
if len(sys.argv) == 3:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[1], sys.argv[2])
    server.socket = context.wrap_socket(server.socket, server_side=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_address[1], flush=True)
sys.stdin.read()
over.set()
