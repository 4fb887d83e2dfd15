/// An outsider's reading of a day, in another language: a small fold of its own, and the comparison with the books.
enum DayJudge {
    /// Arguments: the program, a folder with a log and, to compare, the simulated broker's address.
    ///
    /// Without an address it prints a digest of what every order came to by the broker's messages alone.
    static let comparing =
        reading + """
            def by_messages():
                lines = []
                for id, order in sorted(orders.items()):
                    lines.append(json.dumps([id, order.client, order.status(order.said), sorted(order.fills()), order.slices.normalize()],
                                        default=str))
                return hashlib.sha256("\\n".join(lines).encode()).hexdigest(), len(lines)

            digest, count = by_messages()
            wrong = list(faults)
            if len(sys.argv) > 3:
                known = {}
                hidden = {}
                fills = 0
                for order in books(sys.argv[3]):
                    id = order["id"]
                    known[id] = order
                    ours = orders.get(id)
                    if ours is None:
                        wrong.append("%s is not known" % id)
                        continue
                    status = ours.status(ours.said + ours.seen)
                    if status != order["status"]:
                        wrong.append("%s: %s, and the books say %s" % (id, status, order["status"]))
                    theirs = {}
                    for e in order["executions"]:
                        effective = e["corrected"] or e
                        if e["hidden"]:
                            hidden[id] = hidden.get(id, Decimal(0)) + Decimal(e["qty"])
                        else:
                            theirs[e["id"]] = None if e["busted"] else (Decimal(effective["qty"]), Decimal(effective["price"]))
                    fills += len(theirs)
                    if dict(ours.fills()) != theirs:
                        wrong.append("%s: fills %s, and the books say %s" % (id, dict(ours.fills()), theirs))
                    if ours.slices != sum((f[0] for f in theirs.values() if f), Decimal(0)):
                        wrong.append("%s: slices come to %s" % (id, ours.slices))
                    if ours.client != order["client_order_id"]:
                        wrong.append("%s: %s is not its name" % (id, ours.client))
                for id in orders.keys() - known.keys(): wrong.append("%s is not in the books" % id)
                found = {id: d for id, d in discrepancies().items()}
                for id, qty in hidden.items():
                    if found.get(id) != qty: wrong.append("%s: hidden %s, and found %s" % (id, qty, found.get(id)))
                for id in found.keys() - hidden.keys(): wrong.append("%s: invented %s" % (id, found[id]))
                if others: wrong.append("other discrepancies: %s" % others[:5])
                if wrong:
                    print("\\n".join(wrong[:20]))
                    print("no: %d differences of %d orders" % (len(wrong), len(known)))
                    sys.exit(3)
                print("ok: %d orders and %d fills as in the books, %d fills hidden in %d orders and found" % (
                    len(known), fills, hidden_count, len(hidden)))
            elif wrong:
                print("\\n".join(wrong[:20]))
                sys.exit(3)
            print(dict(sorted(classes.items())))
            print("%s of %d orders" % (digest, count))
            """

    /// Arguments: the program, the folder to read from, the folder to write to, a seed.
    static let retelling = """
        import json, random, subprocess, sys
        program, source, target, seed = sys.argv[1:5]
        reading = subprocess.Popen([program, "log", "read", "--topic", "torghut.trade-updates.v1"], cwd=source,
                                   stdout=subprocess.PIPE)
        told = []
        for line in reading.stdout:
            record = json.loads(line)
            value = record["value"]
            if isinstance(value, str):
                try: body = json.loads(value)
                except ValueError: continue
            else: body = value
            told.append((body["payload"]["order"]["id"], record["key"], value if isinstance(value, str) else json.dumps(value)))
        if reading.wait() != 0: sys.exit("log read ended with %d" % reading.returncode)
        random.seed(int(seed))
        order_of = [t[0] for t in told for _ in (0, 1)]
        held = {}
        for t in told:
            held.setdefault(t[0], []).extend((t, t))
        for messages in held.values(): random.shuffle(messages)
        writing = subprocess.Popen([program, "log", "append", "--topic", "torghut.trade-updates.v1"], cwd=target,
                                   stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        for id in order_of:
            _, key, value = held[id].pop()
            writing.stdin.write(json.dumps({"key": key, "value": value}).encode() + b"\\n")
        writing.stdin.close()
        if writing.wait() != 0: sys.exit("log append ended with %d" % writing.returncode)
        print("%d messages of %d orders, each twice" % (len(told), len(held)))
        """

    /// Folds the order events by rules of its own: an end stays, of the rest the latest word counts; an execution is its
    /// first report, its latest correction, or nothing when it was taken back.
    private static let reading = """
        import hashlib, json, subprocess, sys, urllib.request
        from decimal import Decimal
        ENDS = ("filled", "canceled", "expired", "rejected", "replaced")

        class Order:
            def __init__(self):
                self.client, self.said, self.seen, self.executions = None, [], [], {}
                self.slices = Decimal(0)
            def status(self, words):
                ends = {w[1] for w in words if w[1] in ENDS}
                if len(ends) > 1: faults.append("%s ended as %s" % (self.client, ends))
                return ends.pop() if ends else max(words)[1] if words else None
            def fills(self):
                for id, e in self.executions.items():
                    if e["bust"]: yield id, None
                    elif e["corrected"]: yield id, max(e["corrected"])[1]
                    else: yield id, min(e["reported"])[1]

        orders, faults, classes, found, others, hidden_count = {}, [], {}, {}, [], 0
        log = subprocess.Popen([sys.argv[1], "log", "read", "--topic", "torghut.order-events.v1", "--values"],
                               cwd=sys.argv[2], stdout=subprocess.PIPE)
        for line in log.stdout:
            event = json.loads(line)
            p, kind = event["payload"], event["event_type"]
            if kind == "order.broker_update_recorded":
                classes[p["classification"]] = classes.get(p["classification"], 0) + 1
                if p["classification"] == "duplicate": continue
                order = orders.setdefault(p["alpaca_order_id"], Order())
                order.client = order.client or p.get("client_order_id")
                if p["classification"] in ("foreign", "conflict"):
                    faults.append("%s is %s: %s" % (p["alpaca_order_id"], p["classification"], p.get("classification_reason")))
                if p.get("status"): order.said.append((p["broker_event_ts"].rstrip("Z").ljust(29, "0"), p["status"]))
                if p.get("fill_quantity_basis") == "delta": order.slices += Decimal(p["filled_qty_delta"])
                if p.get("execution_id"):
                    e = order.executions.setdefault(p["execution_id"], {"bust": False, "corrected": [], "reported": []})
                    slice = p.get("fill_qty") and (p["broker_event_ts"], (Decimal(p["fill_qty"]), Decimal(p["fill_price"])))
                    if p["event_type"] == "trade_bust": e["bust"] = True
                    elif p["event_type"] == "trade_correct": e["corrected"].append(slice)
                    else: e["reported"].append(slice)
            elif kind == "order.snapshot_observed":
                order = orders.setdefault(p["alpaca_order_id"], Order())
                order.client = order.client or p.get("client_order_id")
                moment = p.get("broker_updated_at") or p["observed_at"]
                order.seen.append((moment.rstrip("Z").ljust(29, "0"), p["status"]))
            elif kind == "order.discrepancy_found": found[p["discrepancy_id"]] = p
            elif kind == "order.discrepancy_resolved": found.pop(p["discrepancy_id"], None)
        if log.wait() != 0: sys.exit("log read ended with %d" % log.returncode)

        def discrepancies():
            missing = {}
            for p in found.values():
                if p["kind"] == "missing_fill":
                    missing[p["alpaca_order_id"]] = missing.get(p["alpaca_order_id"], Decimal(0)) + Decimal(p["difference"])
                else: others.append(p)
            return missing

        def books(address):
            global hidden_count
            place = 0
            while place is not None:
                with urllib.request.urlopen("%s/_sim/books?from=%d&limit=2000" % (address, place), timeout=60) as answer:
                    page = json.load(answer)
                for order in page["orders"]:
                    hidden_count += sum(e["hidden"] for e in order["executions"])
                    yield order
                place = page["next"]

        """
}
