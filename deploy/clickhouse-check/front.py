"""ClickHouse's HTTP interface as far as a reader of figures needs it, in front of the engine of this process."""

import http.server
import re
import threading
import urllib.parse


class Front(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, engine, user="reader", password="let me in"):
        super().__init__(("127.0.0.1", 0), Answer)
        self.engine, self.user, self.password = engine, user, password
        self.lock = threading.Lock()

    def handle_error(self, request, client_address):
        """A client that went away is its own business."""


class Answer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        """Questions alone are answered: a GET changes nothing."""
        parts = urllib.parse.urlsplit(self.path)
        asked = urllib.parse.parse_qs(parts.query)
        if parts.path == "/ping":
            return self.send(200, b"Ok.\n")
        given = (self.headers.get("X-ClickHouse-User"), self.headers.get("X-ClickHouse-Key"))
        if given != (self.server.user, self.server.password):
            return self.send(403, b"Code: 516. DB::Exception: Authentication failed", 516)
        query = asked.get("query", [""])[0]
        if not re.match(r"\s*(SELECT|WITH|SHOW|EXISTS)\b", query, re.IGNORECASE):
            return self.send(500, b"Code: 164. DB::Exception: Cannot execute query in readonly mode", 164)
        text, _, form = query.partition(" FORMAT ")
        try:
            with self.server.lock:
                body = bytes(self.server.engine.session.query(text, form.strip() or "TabSeparated").bytes())
        except Exception as error:
            code = re.search(r"Code: (\d+)", str(error))
            return self.send(404 if code and code[1] == "60" else 500, str(error).encode(), int(code[1]) if code else 1)
        return self.send(200, body)

    def send(self, status, body, code=None):
        self.send_response(status)
        if code:
            self.send_header("X-ClickHouse-Exception-Code", str(code))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        """Nobody reads it."""


def serve(engine):
    """Answers until the process ends; gives the address."""
    front = Front(engine)
    threading.Thread(target=front.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{front.server_address[1]}"
