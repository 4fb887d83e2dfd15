import TestSupport
import Testing

@Suite struct `Simulated lives of orders` {
    /// Hears everything until the lives are over, and reads the books.
    private let opening = """
        import asyncio, websockets
        from decimal import Decimal
        async def off(f, *a): return await asyncio.get_running_loop().run_in_executor(None, f, *a)
        def books(base, limit=300):
            orders, place = [], 0
            while place is not None:
                page = ask(base, "GET", "/_sim/books?from=%d&limit=%d" % (place, limit))[1]
                orders += page["orders"]
                place = page["next"]
            assert len(orders) == page["total"], (len(orders), page["total"])
            return orders, page
        async def live(base, sockets, count, **how):
            heard = []
            s = await websockets.connect(sockets + "/stream", max_size=None)
            await s.send(json.dumps({"action": "auth", "key": "k", "secret": "s"}))
            await s.send(json.dumps({"action": "listen", "data": {"streams": ["trade_updates"]}}))
            await s.recv(), await s.recv()
            async def listen():
                try:
                    while True: heard.append(json.loads(await s.recv())["data"])
                except websockets.ConnectionClosed: pass
            task = asyncio.create_task(listen())
            orders = [dict(client_order_id="c-%d" % n, symbol=["AAPL", "BTC/USD", "MSFT"][n % 3],
                           side=["buy", "sell"][n % 2], qty=["100", "1.5", "7"][n % 3]) for n in range(count)]
            status, made = await off(ask, base, "POST", "/_sim/lives", dict(orders=orders, steps_per_second=0, **how))
            assert status == 200 and len(made["orders"]) == count, made
            for _ in range(600):
                if (await off(ask, base, "GET", "/_sim/lives"))[1]["told"]: break
                await asyncio.sleep(0.05)
            # What was told of orders comes in order: behind one that rests nothing is left.
            assert (await off(ask, base, "POST", "/v2/orders", order("last")))[0] == 200
            for _ in range(3000):
                if any((h["order"]["client_order_id"], h["event"]) == ("last", "new") for h in heard): break
                await asyncio.sleep(0.01)
            await s.close()
            await task
            return heard

        """

    @Test func `pass through every kind of event, and the books agree with what was told`() async throws {
        let broker = try Simulator("alpaca")
        let verdict = try await Scripts.run(
            opening + """
                base, sockets = "\(broker.address())", "ws://127.0.0.1:\(broker.ports["stream"] ?? 0)"
                heard = asyncio.run(live(base, sockets, 700, seed=3, duplicate_per_mille=20, late_per_mille=50))
                kinds = {h["event"] for h in heard}
                assert kinds == set("new accepted pending_new fill partial_fill canceled expired done_for_day replaced "
                    "rejected stopped pending_cancel pending_replace calculated suspended order_replace_rejected "
                    "order_cancel_rejected held restated trade_bust trade_correct".split()), kinds
                orders, page = books(base)
                ends = {"filled", "canceled", "expired", "rejected", "replaced"}
                said, fills = {}, {}
                for h in sorted(heard, key=lambda h: h["timestamp"]):
                    id = h["order"]["id"]
                    said[id] = h["order"]
                    about = h.get("previous_execution_id") or h.get("execution_id")
                    slices = fills.setdefault(id, {})
                    if h["event"] in ("fill", "partial_fill"): slices[about] = (Decimal(h["qty"]), Decimal(h["price"]))
                    if h["event"] == "trade_correct": slices[about] = (Decimal(h["qty"]), Decimal(h["price"]))
                    if h["event"] == "trade_bust": slices[about] = None
                cash, held = Decimal(100000000), {}
                for o in orders:
                    kept = {}
                    for e in o["executions"]:
                        assert not e["hidden"]
                        c = e["corrected"] or e
                        kept[e["id"]] = None if e["busted"] else (Decimal(c["qty"]), Decimal(c["price"]))
                    assert kept == fills.get(o["id"], {}), (o, fills[o["id"]])
                    total = sum(k[0] for k in kept.values() if k)
                    assert total == Decimal(o["filled_qty"]), o
                    assert said[o["id"]]["status"] == o["status"] and said[o["id"]]["filled_qty"] == o["filled_qty"], o
                    sign = 1 if o["side"] == "buy" else -1
                    cash -= sign * sum(k[0] * k[1] for k in kept.values() if k)
                    held[o["symbol"]] = held.get(o["symbol"], 0) + sign * total
                assert abs(cash - Decimal(page["cash"])) < Decimal("0.0001"), (cash, page["cash"])
                assert {s: q for s, q in held.items() if q} == {s: Decimal(p["qty"]) for s, p in page["positions"].items()}
                chains = {o["id"]: o for o in orders if o["replaces"]}
                assert chains and all(any(p["replaced_by"] == c and p["id"] == chains[c]["replaces"] for p in orders) for c in chains)
                texts = [json.dumps(h) for h in heard]
                assert len(texts) > len(set(texts)) and [h["timestamp"] for h in heard] != sorted(h["timestamp"] for h in heard)
                print("ok")
                """)
        #expect(verdict.lines == ["ok"], "\(verdict)")
    }

    @Test func `hide fills in the sums alone, and show the others as activities`() async throws {
        let broker = try Simulator("alpaca")
        let verdict = try await Scripts.run(
            opening + """
                base, sockets = "\(broker.address())", "ws://127.0.0.1:\(broker.ports["stream"] ?? 0)"
                heard = asyncio.run(live(base, sockets, 300, seed=5, hide_per_mille=300))
                orders, page = books(base)
                hidden = {e["id"]: o for o in orders for e in o["executions"] if e["hidden"]}
                shown = {e["id"] for o in orders for e in o["executions"] if not e["hidden"]}
                assert len(hidden) > 20 and not any(e["busted"] or e["corrected"]
                    for o in hidden.values() for e in o["executions"])
                assert not hidden.keys() & {h.get("execution_id") for h in heard}
                for o in hidden.values():
                    now = ask(base, "GET", "/v2/orders/" + o["id"])[1]
                    assert Decimal(now["filled_qty"]) == sum(Decimal(e["qty"]) for e in o["executions"]), now
                def walk(path, **more):
                    found, token = [], None
                    while True:
                        query = dict(more, **({"page_token": token} if token else {}))
                        status, page = ask(base, "GET", path + urllib.parse.urlencode(query))
                        assert status == 200, page
                        found += page
                        if len(page) < int(more.get("page_size", 100)): return found
                        token = page[-1]["id"]
                all = walk("/v2/account/activities/FILL?", direction="asc", page_size=37)
                assert [a["id"].split("::")[1] for a in all] and {a["id"].split("::")[1] for a in all} == shown
                assert len(all) == len(shown) and all == sorted(all, key=lambda a: (a["transaction_time"]))
                assert walk("/v2/account/activities?", activity_types="FILL") == all[::-1]
                middle = all[len(all) // 2]
                after = walk("/v2/account/activities/FILL?", direction="asc", after=middle["transaction_time"])
                assert after == all[len(all) // 2 + 1:]
                until = walk("/v2/account/activities/FILL?", direction="asc", until=middle["transaction_time"])
                assert until == all[:len(all) // 2]
                both = walk("/v2/account/activities/FILL?", after=all[3]["transaction_time"], until=middle["transaction_time"])
                assert both == all[4:len(all) // 2][::-1]
                told = {h["execution_id"]: h for h in heard if h["event"] in ("fill", "partial_fill")}
                for a in all:
                    h = told[a["id"].split("::")[1]]
                    assert (a["activity_type"], a["type"], a["qty"], a["price"], a["side"], a["symbol"], a["order_id"],
                            a["cum_qty"], a["transaction_time"], a["order_status"]) == ("FILL", h["event"], h["qty"],
                            h["price"], h["order"]["side"], h["order"]["symbol"], h["order"]["id"],
                            h["order"]["filled_qty"], h["timestamp"], h["order"]["status"]), (a, h)
                    assert Decimal(a["leaves_qty"]) == Decimal(h["order"]["qty"]) - Decimal(a["cum_qty"])
                    digits = "".join(c for c in a["transaction_time"] if c.isdigit()).ljust(17, "0")[:17]
                    assert a["id"].startswith(digits + "::"), a
                for wrong in ("page_size=101", "page_size=0", "direction=up", "after=yesterday", "page_token=nobody"):
                    assert ask(base, "GET", "/v2/account/activities/FILL?" + wrong)[0] == 422, wrong
                assert ask(base, "GET", "/v2/account/activities/DIV")[0] == 422
                print("ok")
                """)
        #expect(verdict.lines == ["ok"], "\(verdict)")
    }

    @Test func `are the same from the same seed, and the account can be changed by hand`() async throws {
        func run(_ seed: Int) async throws -> [String] {
            let broker = try Simulator("alpaca")
            return try await Scripts.run(
                opening + """
                    base = "\(broker.address())"
                    orders = [dict(client_order_id="c-%d" % n, symbol="AAPL", side="buy", qty="50") for n in range(40)]
                    assert ask(base, "POST", "/_sim/lives", dict(orders=orders, steps_per_second=0, seed=\(seed)))[0] == 200
                    assert ask(base, "POST", "/_sim/lives", dict(orders=orders))[0] == 422
                    assert ask(base, "POST", "/_sim/lives", dict(orders=[], gravity=1))[0] == 422
                    import time
                    while not ask(base, "GET", "/_sim/lives")[1]["told"]: time.sleep(0.02)
                    for o in books(base, 7)[0]: print(o["client_order_id"], o["status"], o["filled_qty"], len(o["executions"]))
                    assert ask(base, "POST", "/_sim/account", {"cash": "12.5", "positions": {"AAPL": "0", "X": "3"}})[0] == 200
                    assert ask(base, "POST", "/_sim/account", {})[0] == 400
                    page = ask(base, "GET", "/_sim/books")[1]
                    assert page["cash"] == "12.5" and page["positions"] == {"X": {"qty": "3", "cost": "300"}}, page
                    assert ask(base, "GET", "/v2/account")[1]["cash"] == "12.5"
                    """
            ).lines.map(String.init)
        }
        let first = try await run(11)
        #expect(first.count >= 40, "\(first)")
        #expect(try await run(11) == first)
        #expect(try await run(12) != first)
    }
}
