import Core
import Threading

/// The stories in which the broker or the way to him is ill.
extension ScenarioStage {
    func brokerOutage() async {
        sources.outage.set(true)
        say("the broker answers nobody")
        await pause(limit)
        sources.outage.set(false)
        say("the broker answers again")
    }

    /// Who listens to updates; whoever comes again is another one, however fast he is.
    private var listener: UInt64? { sources.broker.hub.updateListener }

    func streamCut() async {
        guard await wait(atMost: .seconds(10), until: { listener != nil }) else {
            return say("nobody listens to updates")
        }
        let first = listener
        sources.relay.fault(.cutMidFrame)
        say("the next message is cut in its middle")
        guard await wait(atMost: limit / 3, until: { listener != first }) else { return say("no message came") }
        say("the connection is gone")
        guard await wait(atMost: limit / 3, until: { listener != nil }) else { return say("nobody came back") }
        say("somebody listens again")
        // Let it work before it is taken away once more.
        await pause(.seconds(2))
        let second = listener
        sources.relay.fault(.halfOpen)
        say("the connection stays, and nothing comes any more")
        guard await wait(atMost: .seconds(5), until: { listener != second }) else {
            return say("it could not be silenced")
        }
        let isBack = await wait(atMost: limit / 3) { listener != nil }
        say(isBack ? "somebody noticed, and listens again" : "nobody came back")
    }

    /// A fill larger than any table holds, of an order of nobody's, in a symbol that nobody trades.
    func poison() {
        let broker = sources.broker
        broker.change { state, time in
            var order = SimOrder(
                id: state.dice.uuid(), clientOrderID: "poison-" + state.dice.uuid(), symbol: Self.poisoned,
                side: "buy", type: "market", timeInForce: "day", createdAt: time, updatedAt: time)
            order.qty = Amount(2_000_000_000_000)
            order.status = "new"
            Self.tell("new", order, nil, at: time, &state)
            (order.status, order.filledQty) = ("filled", Amount(2_000_000_000_000))
            Self.tell("fill", order, Amount(2_000_000_000_000), at: time, &state)
        }
        say(
            "told of a fill of 2000000000000 \(Self.poisoned); patch or skip it in the quarantine, and its copy behind it"
        )
    }

    /// What exchanges test with.
    static let poisoned = "ZVZZT"

    /// Nobody's side: no position follows from it.
    private static func tell(
        _ event: String, _ order: SimOrder, _ qty: Amount?, at time: Timestamp, _ state: inout SimBroker.State
    ) {
        var fields: [Tree.Field] = [
            .init(name: "event", value: .string(event)), .init(name: "timestamp", value: .time(time)),
            .init(name: "order", value: order.json.with(["side": .null])),
        ]
        if let qty {
            fields += [
                .init(name: "price", value: .string("0")), .init(name: "qty", value: .amount(qty)),
                .init(name: "execution_id", value: .string(state.dice.uuid())),
            ]
        }
        state.updates.append(
            TradeUpdate(json: .object(["stream": .string("trade_updates"), "data": .object(fields)])))
    }
}
