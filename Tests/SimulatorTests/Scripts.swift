import Foundation
import TestSupport

/// A script of Python's against the simulator: it shares neither our HTTP, nor our JSON, nor our WebSockets.
enum Scripts {
    static let opening = """
        import json, urllib.request, urllib.error, urllib.parse
        def ask(base, method, path, body=None):
            headers = {"APCA-API-KEY-ID": "k", "APCA-API-SECRET-KEY": "s", "Content-Type": "application/json"}
            data = None if body is None else json.dumps(body).encode()
            request = urllib.request.Request(base + path, data=data, method=method, headers=headers)
            try:
                with urllib.request.urlopen(request, timeout=10) as answer:
                    text = answer.read()
                    return answer.status, json.loads(text) if text else None
            except urllib.error.HTTPError as error:
                text = error.read()
                try: return error.code, json.loads(text)
                except ValueError: return error.code, text.decode()
        def order(id, **more):
            return dict({"symbol": "AAPL", "qty": "2", "side": "buy", "type": "limit", "limit_price": "50",
                         "time_in_force": "day", "client_order_id": id}, **more)

        """

    static func run(_ body: String) async throws -> Judge.Verdict {
        let script = opening + body
        return try await aside { try Judge.python(script) }
    }
}
