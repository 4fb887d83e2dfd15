import WebSocket

/// The stream of order updates: authenticate, say what to listen to, and hear it.
struct UpdateStream: Sendable {
    let hub: StreamHub
    let credentials: Credentials

    /// What is known of one connection.
    private struct Guest {
        /// Its place among the listeners.
        var number: UInt64?
        /// Who it is, once it is let in.
        var key: String?
        var greeting: StreamFaults.Greeting?
    }

    func serve(_ connection: WebSocketConnection) async {
        var guest = Guest(greeting: hub.greeting())
        defer { if let number = guest.number { hub.leave(number) } }
        do {
            while let message = try await connection.receive() {
                guard let tree = Tree(message.bytes) else {
                    try connection.send(hub.frame(Self.error("invalid request")))
                    continue
                }
                switch tree["action"]?.string {
                case "auth", "authenticate": guard try admit(&guest, tree, connection) else { return }
                case "listen": guard try listen(&guest, tree, connection) else { return }
                default: try connection.send(hub.frame(Self.error("unknown action")))
                }
            }
        } catch { connection.drop() }
    }

    /// False when the connection ends with the answer.
    private func admit(_ guest: inout Guest, _ tree: Tree, _ connection: WebSocketConnection) throws -> Bool {
        let data = tree["data"] ?? tree
        let key = data["key"]?.string ?? data["key_id"]?.string
        let isAllowed =
            guest.greeting != .refuseAuth
            && credentials.allow(key, data["secret"]?.string ?? data["secret_key"]?.string)
        guard guest.greeting != .limit, !isAllowed || guest.number != nil || !hub.isListening(key ?? "") else {
            try connection.send(hub.frame(Self.taken))
            return false
        }
        guest.key = isAllowed ? key : nil
        let status = isAllowed ? "authorized" : "unauthorized"
        try connection.send(
            hub.frame(
                .object([
                    "stream": .string("authorization"),
                    "data": .object(["status": .string(status), "action": .string("authenticate")]),
                ])))
        return true
    }

    /// False when the connection ends with the answer.
    private func listen(_ guest: inout Guest, _ tree: Tree, _ connection: WebSocketConnection) throws -> Bool {
        guard let key = guest.key else {
            try connection.send(hub.frame(Self.error("unauthorized")))
            return true
        }
        guard guest.greeting != .muteListen else { return true }
        let asked = tree["data"]?["streams"]?.elements.compactMap(\.string) ?? []
        // A stream that there is not is simply missing from the answer; a new list replaces the old.
        let granted = asked.filter { $0 == "trade_updates" }
        if granted.isEmpty, let left = guest.number {
            hub.leave(left)
            guest.number = nil
        }
        let answer = hub.frame(
            .object([
                "stream": .string("listening"),
                "data": .object(["streams": .array(granted.map { .string($0) })]),
            ]))
        guard !granted.isEmpty, guest.number == nil else {
            try connection.send(answer)
            return true
        }
        // The answer goes out first, so that it comes before the first update.
        guest.number = try hub.listen(to: connection, key: key) { try connection.send(answer) }
        guard guest.number == nil else { return true }
        try connection.send(hub.frame(Self.taken))
        return false
    }

    private static let taken = Tree.object([
        "stream": .string("error"),
        "data": .object([
            "code": .count(406), "msg": .string("connection limit exceeded"),
            "error": .string("connection limit exceeded"),
        ]),
    ])

    private static func error(_ message: String) -> Tree {
        .object(["stream": .string("error"), "data": .object(["error": .string(message)])])
    }
}
