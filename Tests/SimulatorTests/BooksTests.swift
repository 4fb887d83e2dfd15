import TestSupport
import Testing

@Suite struct `The simulated broker's books` {
    /// Starts the simulator from Python, kills it, and reads its books page by page.
    private static let opening = """
        import os, random, shutil, signal, subprocess, tempfile, threading, time
        program, folder = "\(Simulator.path)", tempfile.mkdtemp()
        books_at = folder + "/books"
        def begin(*more):
            p = subprocess.Popen([program, "alpaca", "--books", books_at, "--until-eof", *more],
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            line = p.stdout.readline()
            return (p, "http://127.0.0.1:%d" % json.loads(line)["http"]) if line else (p, None)
        def end(p, how=signal.SIGKILL):
            p.send_signal(how)
            for pipe in (p.stdin, p.stdout): pipe.close()
            return p.wait()
        def books(base):
            orders, place = [], 0
            while place is not None:
                page = ask(base, "GET", "/_sim/books?from=%d" % place)[1]
                orders += page["orders"]
                place = page["next"]
            return orders, {k: page[k] for k in ("total", "executions", "cash", "positions")}
        def all_of(base):
            found, token = [], ""
            while True:
                page = ask(base, "GET", "/v2/account/activities/FILL?direction=asc" + token)[1]
                found += page
                if len(page) < 100: break
                token = "&page_token=" + urllib.parse.quote(page[-1]["id"])
            open = ask(base, "GET", "/v2/orders?status=open&limit=500")[1]
            log = ask(base, "GET", "/_sim/summary")[1]
            account = {k: v for k, v in ask(base, "GET", "/v2/account")[1].items()}
            return books(base), found, open, log, account, ask(base, "GET", "/v2/positions")[1]

        """

    /// Somebody who makes, changes and ends orders until the broker is gone, and remembers what he was answered.
    private static let trading = """
        told, stop = {}, threading.Event()
        lock = threading.Lock()
        def trade(base, number):
            own = random.Random(number)
            mine = []
            while not stop.is_set():
                id = "o-%d-%d" % (number, len(mine))
                try:
                    roll = own.random()
                    if roll < 0.15 and mine:
                        o = own.choice(mine)
                        status, _ = ask(base, "DELETE", "/v2/orders/" + o["id"])
                        if status == 204:
                            with lock: told[o["id"]]["canceled"] = True
                        continue
                    if roll < 0.25 and mine:
                        o = own.choice(mine)
                        status, new = ask(base, "PATCH", "/v2/orders/" + o["id"],
                                          {"client_order_id": id + "-r", "qty": str(own.randint(5, 9))})
                        if status != 200: continue
                        with lock:
                            told[o["id"]]["replaced_by"] = new["id"]
                            told[new["id"]] = dict(answer=new)
                        mine.append(new)
                        continue
                    limit = own.choice(["50", "150"])
                    status, o = ask(base, "POST", "/v2/orders", order(id, qty=str(own.randint(1, 4)), limit_price=limit,
                                    side=own.choice(["buy", "sell"]), symbol=own.choice(["AAPL", "MSFT", "BTC/USD"])))
                    assert status == 200, (status, o)
                    mine.append(o)
                    with lock: told[o["id"]] = dict(answer=o)
                except (OSError, EOFError, ValueError, __import__("http.client").client.HTTPException): return

        """

    /// A broker never forgets his books: what he answered, whatever kills him, and whenever.
    @Test func `have everything that was answered before a kill, and go on`() async throws {
        let seed = UInt64.random(in: 0...9_999)
        let verdict = try await Scripts.run(
            Self.opening + Self.trading + """
                chance = random.Random(\(seed))
                rounds = 0
                for life in range(5):
                    p, base = begin("--cash", "1000000")
                    orders, sums = books(base)
                    assert ask(base, "POST", "/_sim/settings", {"partial_per_mille": 300})[0] == 200
                    kept = {o["id"]: o for o in orders}
                    assert len(kept) == len(orders)
                    for id, what in told.items():
                        o, a = kept[id], what["answer"]
                        assert (o["client_order_id"], o["symbol"], o["side"], o["qty"]) == (
                            a["client_order_id"], a["symbol"], a["side"], a["qty"]), (o, a)
                        if what.get("canceled"): assert o["status"] == "canceled", o
                        if "replaced_by" in what: assert (o["status"], o["replaced_by"]) == ("replaced", what["replaced_by"]), o
                    # Of the same process twice, with nothing between.
                    before = all_of(base)
                    end(p)
                    p, base = begin()
                    after = all_of(base)
                    assert before == after, (before, after)
                    stop.clear()
                    goal = len(told) + chance.randint(20, 60)
                    threads = [threading.Thread(target=trade, args=(base, 10 * life + n)) for n in range(3)]
                    for t in threads: t.start()
                    while len(told) < goal and any(t.is_alive() for t in threads): time.sleep(0.001)
                    end(p)
                    stop.set()
                    for t in threads: t.join()
                    rounds += 1
                executions = {e["id"] for o in orders for e in o["executions"]}
                assert len(executions) == sum(len(o["executions"]) for o in orders) > 20, len(executions)
                shutil.rmtree(folder)
                print("ok", rounds)
                """)
        #expect(verdict.lines == ["ok 5"], "seed \(seed): \(verdict)")
    }

    @Test func `let working orders, settings and lives go on after a restart`() async throws {
        let verdict = try await Scripts.run(
            Self.opening + """
                p, base = begin("--cash", "50000")
                assert ask(base, "POST", "/_sim/settings", {"fill_slippage_bps": "50", "maximum_page": 7})[0] == 200
                assert ask(base, "POST", "/_sim/assets/XYZ", {"tradable": False})[0] == 200
                assert ask(base, "POST", "/_sim/quotes", {"symbol": "AAPL", "bid": "99", "ask": "101"})[0] == 200
                waiting = ask(base, "POST", "/v2/orders", order("waits", limit_price="90"))[1]
                lives = [dict(client_order_id="l-%d" % n, symbol="MSFT", side=["buy", "sell"][n % 2], qty="9") for n in range(30)]
                assert ask(base, "POST", "/_sim/lives", dict(orders=lives, steps_per_second=100, seed=4))[0] == 200
                while ask(base, "GET", "/_sim/lives")[1]["steps"] < 10: time.sleep(0.01)
                end(p)
                p, base = begin("--cash", "77")
                assert float(books(base)[1]["cash"]) > 10000
                left = ask(base, "GET", "/_sim/lives")[1]
                assert left["orders"] >= 30 and left["steps"] >= 10, left
                assert ask(base, "GET", "/v2/orders/" + waiting["id"])[1]["status"] == "new"
                assert ask(base, "POST", "/v2/orders", order("x", symbol="XYZ"))[0] == 422
                assert ask(base, "POST", "/v2/orders", order("waits"))[0] == 422
                assert ask(base, "POST", "/_sim/quotes", {"symbol": "AAPL", "bid": "88", "ask": "89"})[0] == 200
                done = ask(base, "GET", "/v2/orders/" + waiting["id"])[1]
                assert (done["status"], done["filled_avg_price"]) == ("filled", "89"), done
                market = ask(base, "POST", "/v2/orders", dict(order("m"), type="market", limit_price=None))[1]
                filled = ask(base, "GET", "/v2/orders/" + market["id"])[1]
                assert filled["filled_avg_price"] == "89.445", filled
                while not ask(base, "GET", "/_sim/lives")[1]["told"]: time.sleep(0.02)
                assert end(p, signal.SIGTERM) == 0
                shutil.rmtree(folder)
                print("ok")
                """)
        #expect(verdict.lines == ["ok"], "\(verdict)")
    }

    @Test func `lose a torn end, and nothing else; damage in the middle is refused`() async throws {
        let verdict = try await Scripts.run(
            Self.opening + """
                p, base = begin()
                for n in range(12): ask(base, "POST", "/v2/orders", order("o-%d" % n, limit_price="150"))
                whole = all_of(base)
                q, none = begin()
                assert none is None and q.wait() == 1 and b"another process" in q.stderr.read()
                end(p)
                file = books_at + "/books.log"
                sound = open(file, "rb").read()
                line = sound.splitlines(True)[-1]
                for torn in (line[:1], line[:-1], line[:len(line) // 2], b"\\0" * 40, b"0123456789abcdef {}\\n", line[:30] + b"\\n"):
                    open(file, "wb").write(sound + torn)
                    p, base = begin()
                    assert all_of(base) == whole, torn
                    end(p)
                    assert open(file, "rb").read() == sound, torn
                # The last change alone goes with the last line.
                open(file, "wb").write(sound[:-len(line)])
                p, base = begin()
                assert len(books(base)[0]) == 11
                end(p)
                middle = len(sound) // 2
                open(file, "wb").write(sound[:middle] + bytes([sound[middle] ^ 1]) + sound[middle + 1:])
                p, none = begin()
                assert none is None and p.wait() == 1 and b"is damaged" in p.stderr.read()
                # Grown books are written anew, and say the same.
                open(file, "wb").write(sound)
                p, base = begin()
                lives = [dict(client_order_id="l-%d" % n, symbol="MSFT", side="buy", qty="9") for n in range(300)]
                assert ask(base, "POST", "/_sim/lives", dict(orders=lives, steps_per_second=0, amend_per_mille=300))[0] == 200
                while not ask(base, "GET", "/_sim/lives")[1]["told"]: time.sleep(0.02)
                whole, size = all_of(base), os.path.getsize(file)
                end(p)
                for limit, shrinks in ((size, False), (size - 1, True)):
                    p, base = begin("--books-limit", str(limit))
                    assert all_of(base) == whole
                    assert (os.path.getsize(file) < size / 2) == shrinks, (os.path.getsize(file), size)
                    end(p)
                p, base = begin()
                assert all_of(base) == whole
                end(p)
                shutil.rmtree(folder)
                print("ok")
                """)
        #expect(verdict.lines == ["ok"], "\(verdict)")
    }
}
