import TestSupport
import Testing

@Suite struct `The simulated trader` {
    /// An API of Python's that answers as it is told to, and remembers what came.
    private static let opening = """
        import http.server, signal, subprocess, tempfile, threading, time
        heard, mode, lock = [], ["ok"], threading.Lock()
        class Answers(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def log_message(self, *a): pass
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                how = mode[0]
                with lock: heard.append((time.monotonic(), how, body, self.headers["Authorization"], self.path))
                if how == "hang": time.sleep(30)
                self.send_response({"ok": 202, "hang": 202, "refuse": 409}.get(how, 503))
                if how == "later": self.send_header("Retry-After", "1")
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        token = tempfile.NamedTemporaryFile("w")
        token.write("a-token-of-a-trader\\n")
        token.flush()
        def trader(*more):
            return subprocess.Popen(["\(Simulator.path)", "trader", "--api", "http://127.0.0.1:%d/" % server.server_port,
                "--token-file", token.name, "--per-second", "100", *more], stdout=subprocess.PIPE)
        def until(what, condition):
            end = time.monotonic() + 30
            while not condition():
                assert time.monotonic() < end, what
                time.sleep(0.01)
        def answered(): return [json.loads(b) for _, how, b, _, _ in list(heard) if how == "ok"]

        """

    @Test func `says plausible decisions at its pace, each once`() async throws {
        let broker = try Simulator("alpaca", "--market-pace", "100", "--symbols", "AAPL,BTC/USD")
        let verdict = try await Scripts.run(
            Self.opening + """
                base = "\(broker.address())"
                p = trader("--market", base, "--symbols", "AAPL,BTC/USD", "--strategy", "s", "--account", "a")
                until("decisions", lambda: len(answered()) > 60)
                p.send_signal(signal.SIGTERM)
                assert p.wait(timeout=20) == 0
                said = answered()
                assert {h[3] for h in heard} == {"Bearer a-token-of-a-trader"} and {h[4] for h in heard} == {"/trading/decisions"}
                assert len({(d["symbol"], d["action"], d["event_ts"]) for d in said}) == len(said)
                assert {d["symbol"] for d in said} == {"AAPL", "BTC/USD"} and {d["order_type"] for d in said} == {"market", "limit"}
                for d in said:
                    # Nothing is held, so nothing is sold.
                    assert (d["account_label"], d["strategy_id"], d["action"]) == ("a", "s", "buy"), d
                    q = d["reference_quote"]
                    assert float(q["bid"]) < float(q["ask"]) == float(d["arrival_price"]) and float(d["qty"]) > 0, d
                    assert d["order_type"] == "market" or float(d["limit_price"]) > float(q["ask"]), d
                    assert float(d["params"]["macd"]) > float(d["params"]["macd_signal"]) and float(d["params"]["rsi14"]) < 35
                print("ok")
                """)
        #expect(verdict.lines == ["ok"], "\(verdict)")
    }

    @Test func `waits while the API is away or asks it to, and then says the same again`() async throws {
        let verdict = try await Scripts.run(
            Self.opening + """
                mode[0] = "later"
                p = trader()
                until("a first try", lambda: heard)
                start = heard[0][0]
                until("a second", lambda: heard[-1][0] - start > 0.9)
                # A hundred a second, and yet almost nobody asks: it was told to come a second later.
                assert len([h for h in heard if h[0] - start < 0.9]) <= 16, len(heard)
                mode[0] = "ok"
                until("answers", lambda: len(answered()) > 20)
                tried = {h[2] for h in heard if h[1] == "later"}
                # What was said first is said again, to the byte; each waits its second out.
                def taken(): return [h[2] for h in list(heard) if h[1] == "ok"]
                until("all that was said first", lambda: tried <= set(taken()))
                once = taken()
                assert len(set(once)) == len(once), "once, though it was said before"
                mode[0] = "refuse"
                until("a refusal", lambda: any(h[1] == "refuse" for h in heard))
                mode[0] = "ok"
                refused = {h[2] for h in heard if h[1] == "refuse"}
                count = len(answered())
                until("more", lambda: len(answered()) > count + 20)
                assert not refused & {h[2] for h in heard if h[1] == "ok"}, "what was refused is not said again"
                mode[0] = "hang"
                until("a request without an answer", lambda: any(h[1] == "hang" for h in heard))
                p.send_signal(signal.SIGTERM)
                assert p.wait(timeout=8) == 0, "it waits for nobody"
                print("ok")
                """)
        #expect(verdict.lines == ["ok"], "\(verdict)")
    }
}

@Suite struct `The simulated market` {
    @Test func `moves, tells what it moves to, and trades on it`() async throws {
        let broker = try Simulator("alpaca", "--market-pace", "200", "--symbols", "AAPL,ETH/USD,ZZ")
        let verdict = try await Scripts.run(
            """
            import asyncio, websockets
            base, sockets = "\(broker.address())", "ws://127.0.0.1:\(broker.ports["stream"] ?? 0)"
            async def hear():
                s = await websockets.connect(sockets + "/v2/iex")
                await s.recv()
                await s.send(json.dumps({"action": "auth", "key": "k", "secret": "s"}))
                await s.recv()
                await s.send(json.dumps({"action": "subscribe", "quotes": ["*"]}))
                await s.recv()
                found = []
                while len(found) < 150: found += json.loads(await s.recv())
                await s.close()
                return found
            found = asyncio.run(hear())
            assert {"AAPL", "ZZ"} <= {q["S"] for q in found} <= {"AAPL", "ZZ", "ETH/USD"}
            assert all(0 < q["bp"] < q["ap"] < q["bp"] * 1.002 for q in found), found
            prices = [q["bp"] for q in found if q["S"] == "AAPL"]
            assert len(set(prices)) > 10 and all(180 < p < 200 for p in prices), prices
            market = {m["symbol"]: m for m in ask(base, "GET", "/_sim/market")[1]["symbols"]}
            assert set(market) == {"AAPL", "ETH/USD", "ZZ"}, market
            o = ask(base, "POST", "/v2/orders", dict(order("m"), type="market", limit_price=None))[1]
            o = ask(base, "GET", "/v2/orders/" + o["id"])[1]
            assert o["status"] == "filled" and 180 < float(o["filled_avg_price"]) < 200, o
            assert [m["position"] for m in ask(base, "GET", "/_sim/market")[1]["symbols"]] == ["2", "0", "0"]
            print("ok")
            """)
        #expect(verdict.lines == ["ok"], "\(verdict)")
    }
}
