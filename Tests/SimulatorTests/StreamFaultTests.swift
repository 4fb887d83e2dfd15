import TestSupport
import Testing

@Suite struct `Faults of the simulated stream` {
    private let opening = """
        import asyncio, websockets, socket, time
        async def off(f, *a): return await asyncio.get_running_loop().run_in_executor(None, f, *a)
        async def told(s): return json.loads(await asyncio.wait_for(s.recv(), 5))
        async def stream(key="k", **more):
            s = await websockets.connect(sockets + "/stream", **more)
            await s.send(json.dumps({"action": "auth", "key": key, "secret": "s"}))
            return s, await told(s)
        async def listening(key="k", **more):
            s, answer = await stream(key, **more)
            assert answer["data"]["status"] == "authorized", answer
            await s.send(json.dumps({"action": "listen", "data": {"streams": ["trade_updates"]}}))
            assert (await told(s))["stream"] == "listening"
            return s
        async def fault(name, **more):
            assert (await off(ask, base, "POST", "/_sim/streams/fault", dict(fault=name, **more)))[0] == 200
        async def free(count=0):
            for _ in range(100):
                if (await off(ask, base, "GET", "/_sim/streams"))[1]["updates"] == count: return
                await asyncio.sleep(0.02)
            assert False, "nobody left"
        async def buy(id): await off(ask, base, "POST", "/v2/orders", order(id))

        """

    private func run(_ broker: borrowing Simulator, _ body: String) async throws -> Judge.Verdict {
        let places = """
            base, sockets = "\(broker.address())", "ws://127.0.0.1:\(broker.ports["stream"] ?? 0)"
            port = \(broker.ports["stream"] ?? 0)

            """
        return try await Scripts.run(opening + places + body)
    }

    @Test func `at the door: one place for each key, and refusals of every kind`() async throws {
        let broker = try Simulator("alpaca")
        let verdict = try await run(
            broker,
            """
            limit = {"stream": "error", "data": {"code": 406, "msg": "connection limit exceeded",
                                                 "error": "connection limit exceeded"}}
            async def closed(s):
                try: await asyncio.wait_for(s.recv(), 5); assert False
                except websockets.ConnectionClosed: pass
            async def main():
                first = await listening()
                second, answer = await stream()
                assert answer == limit, answer
                await closed(second)
                other = await listening("another")
                await first.close()
                await free(1)
                first = await listening()
                await first.close()
                await free(1)
                await fault("limit_406", times=2)
                for _ in range(2):
                    s, answer = await stream()
                    assert answer == limit, answer
                    await closed(s)
                await fault("refuse_auth")
                s, answer = await stream()
                assert answer["data"]["status"] == "unauthorized", answer
                await s.close()
                await fault("mute_listen")
                s, answer = await stream()
                assert answer["data"]["status"] == "authorized", answer
                await s.send(json.dumps({"action": "listen", "data": {"streams": ["trade_updates"]}}))
                try: await asyncio.wait_for(s.recv(), 0.4); assert False
                except asyncio.TimeoutError: pass
                await s.close()
                await fault("http_401")
                try: await websockets.connect(sockets + "/stream"); assert False
                except websockets.InvalidStatusCode as error: assert error.status_code == 401
                except websockets.InvalidHandshake as error: assert error.response.status_code == 401
                await fault("refuse")
                try: await websockets.connect(sockets + "/stream"); assert False
                except (OSError, websockets.InvalidHandshake, EOFError, websockets.ConnectionClosed): pass
                s = await listening()
                await s.close()
                await other.close()
                assert ask(base, "POST", "/_sim/streams/fault", {"fault": "earthquake"})[0] == 400
                print("ok")
            asyncio.run(main())
            """)
        #expect(verdict.lines == ["ok"], "\(verdict)")
    }

    @Test func `in the middle: cut, garbage and messages without end`() async throws {
        let broker = try Simulator("alpaca")
        let verdict = try await run(
            broker,
            """
            async def main():
                s = await listening(max_size=None)
                await fault("garbage")
                raw = await asyncio.wait_for(s.recv(), 5)
                try: json.loads(raw); assert False
                except (ValueError, UnicodeDecodeError): pass
                await fault("huge", bytes=3000000)
                assert len(await asyncio.wait_for(s.recv(), 10)) == 3000000
                await buy("a")
                assert (await told(s))["data"]["event"] == "new"
                await fault("cut")
                try: await s.recv(); assert False
                except websockets.ConnectionClosedError: pass
                await free()
                s = await listening()
                await fault("cut_mid_frame")
                await buy("b")
                try: await asyncio.wait_for(s.recv(), 5); assert False
                except websockets.ConnectionClosedError: pass
                await free()
                # The same by hand: the header promises more than ever comes.
                raw = socket.create_connection(("127.0.0.1", port))
                raw.settimeout(5)
                raw.sendall(b"GET /stream HTTP/1.1\\r\\nHost: x\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\n"
                            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\\r\\nSec-WebSocket-Version: 13\\r\\n\\r\\n")
                head = b""
                while not head.endswith(b"\\r\\n\\r\\n"): head += raw.recv(1)
                assert b" 101 " in head
                def send(text):
                    body = text.encode()
                    raw.sendall(bytes([0x81, 0x80 | len(body)]) + bytes(4) + body)
                def frame():
                    head = raw.recv(2)
                    size = head[1]
                    if size == 126: size = int.from_bytes(raw.recv(2), "big")
                    body = b""
                    while len(body) < size:
                        more = raw.recv(size - len(body))
                        if not more: break
                        body += more
                    return size, body
                send(json.dumps({"action": "auth", "key": "k", "secret": "s"})); frame()
                send(json.dumps({"action": "listen", "data": {"streams": ["trade_updates"]}})); frame()
                await fault("cut_mid_frame")
                await buy("c")
                size, body = await off(frame)
                assert size > 500 and 0 < len(body) < size, (size, len(body))
                print("ok")
            asyncio.run(main())
            """)
        #expect(verdict.lines == ["ok"], "\(verdict)")
    }

    @Test func `without an end: a half open connection says nothing and answers no ping`() async throws {
        let broker = try Simulator("alpaca")
        let verdict = try await run(
            broker,
            """
            async def main():
                s = await listening(ping_interval=None)
                pong = await s.ping()
                await asyncio.wait_for(pong, 5)
                await fault("half_open")
                await free()
                await buy("a")
                pong = await s.ping()
                try: await asyncio.wait_for(asyncio.shield(pong), 0.5); assert False
                except asyncio.TimeoutError: pass
                try: await asyncio.wait_for(s.recv(), 0.5); assert False
                except asyncio.TimeoutError: pass
                fresh = await listening()
                await buy("b")
                assert (await told(fresh))["data"]["order"]["client_order_id"] == "b"
                print("ok")
                import os, sys
                sys.stdout.flush()
                os._exit(0)
            asyncio.run(main())
            """)
        #expect(verdict.lines == ["ok"], "\(verdict)")
    }

    @Test func `are told again of executions that were taken back while nobody listened`() async throws {
        let broker = try Simulator("alpaca")
        let verdict = try await run(
            broker,
            """
            async def main():
                orders = [dict(client_order_id="c-%d" % n, symbol="AAPL", side="buy", qty="50") for n in range(60)]
                await off(ask, base, "POST", "/_sim/lives", dict(orders=orders, steps_per_second=0, amend_per_mille=1000))
                while not (await off(ask, base, "GET", "/_sim/lives"))[1]["told"]: await asyncio.sleep(0.02)
                amended = {e["id"] for o in ask(base, "GET", "/_sim/books")[1]["orders"] for e in o["executions"]
                           if e["busted"] or e["corrected"]}
                s = await listening()
                heard = set()
                while heard != amended:
                    data = (await told(s))["data"]
                    assert data["event"] in ("trade_bust", "trade_correct"), data
                    heard.add(data.get("previous_execution_id") or data["execution_id"])
                await s.close()
                print("ok" if amended else "none")
            asyncio.run(main())
            """)
        #expect(verdict.lines == ["ok"], "\(verdict)")
    }

    @Test func `can be made on any connection by a relay of bytes`() async throws {
        let broker = try Simulator("alpaca")
        let relay = try Simulator("tcp-faults", "--to", "127.0.0.1:\(broker.ports["http"] ?? 0)")
        let verdict = try await Scripts.run(
            """
            import http.client, time, threading
            base, control = "http://127.0.0.1:\(relay.ports["tcp"] ?? 0)", "\(relay.address())"
            def fault(name, **more): assert ask(control, "POST", "/fault", dict(fault=name, **more))[0] == 200
            assert ask(base, "GET", "/v2/clock")[0] == 200
            fault("delay", milliseconds=150)
            start = time.monotonic()
            assert ask(base, "GET", "/v2/clock")[0] == 200
            assert time.monotonic() - start >= 0.3
            fault("heal")
            fault("refuse")
            try: ask(base, "GET", "/v2/clock"); assert False
            except (OSError, http.client.HTTPException): pass
            keep = http.client.HTTPConnection("127.0.0.1", \(relay.ports["tcp"] ?? 0), timeout=5)
            head = {"APCA-API-KEY-ID": "k", "APCA-API-SECRET-KEY": "s"}
            keep.request("GET", "/v2/clock", headers=head); keep.getresponse().read()
            fault("stall")
            time.sleep(0.1)
            threading.Timer(0.3, lambda: fault("heal")).start()
            start = time.monotonic()
            keep.request("GET", "/v2/clock", headers=head); keep.getresponse().read()
            assert time.monotonic() - start > 0.2
            fault("cut_after", bytes=40)
            time.sleep(0.1)
            keep.request("GET", "/v2/clock", headers=head)
            # A status line and a bit of the headers is all that comes.
            cut = keep.getresponse()
            assert cut.status == 200 and cut.read() == b"" and not cut.getheader("Content-Length")
            assert ask(base, "GET", "/v2/clock")[0] == 200
            print("ok")
            """)
        #expect(verdict.lines == ["ok"], "\(verdict)")
    }
}
