import WebSocket

/// Market data: one connection per account and market, and the second is told so.
struct MarketStream: Sendable {
    let hub: StreamHub
    let credentials: Credentials
    private static let channels = ["trades", "quotes", "bars", "updatedBars", "statuses"]

    func serve(_ connection: WebSocketConnection) async {
        var number: UInt64?
        defer { if let number { hub.leave(number) } }
        do {
            try send([.object(["T": .string("success"), "msg": .string("connected")])], connection)
            while let message = try await connection.receive() {
                guard let tree = Tree(message.bytes) else {
                    try send([Self.error(400, "invalid syntax")], connection)
                    continue
                }
                switch tree["action"]?.string {
                case "auth" where number != nil: try send([Self.error(403, "already authenticated")], connection)
                case "auth":
                    guard credentials.allow(tree["key"]?.string, tree["secret"]?.string) else {
                        try send([Self.error(402, "auth failed")], connection)
                        return
                    }
                    guard let place = hub.enter(connection) else {
                        try send([Self.error(406, "connection limit exceeded")], connection)
                        return
                    }
                    number = place
                    try send([.object(["T": .string("success"), "msg": .string("authenticated")])], connection)
                case "subscribe", "unsubscribe":
                    guard let number else {
                        try send([Self.error(401, "not authenticated")], connection)
                        continue
                    }
                    try send([subscribe(number, tree)], connection)
                default: try send([Self.error(400, "invalid syntax")], connection)
                }
            }
        } catch { connection.drop() }
    }

    private func subscribe(_ number: UInt64, _ tree: Tree) -> Tree {
        let adds = tree["action"]?.string == "subscribe"
        let held = hub.channels(of: number) { channels in
            for name in Self.channels {
                let symbols = Set(tree[name]?.elements.compactMap(\.string) ?? [])
                if adds {
                    channels[name, default: []].formUnion(symbols)
                } else {
                    channels[name, default: []].subtract(symbols)
                }
            }
        }
        let lists = Self.channels.map { name in
            Tree.Field(name: name, value: .array((held[name] ?? []).sorted().map { .string($0) }))
        }
        return .object([Tree.Field(name: "T", value: .string("subscription"))] + lists)
    }

    private func send(_ trees: [Tree], _ connection: WebSocketConnection) throws {
        try connection.send(.text(Tree.array(trees).bytes))
    }

    private static func error(_ code: Int, _ message: String) -> Tree {
        .object(["T": .string("error"), "code": .count(code), "msg": .string(message)])
    }
}
