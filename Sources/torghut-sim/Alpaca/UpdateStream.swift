import WebSocket

/// The stream of order updates: authenticate, say what to listen to, and hear it.
struct UpdateStream: Sendable {
    let hub: StreamHub
    let credentials: Credentials

    func serve(_ connection: WebSocketConnection) async {
        var number: UInt64?
        var isAllowed = false
        defer { if let number { hub.leave(number) } }
        do {
            while let message = try await connection.receive() {
                guard let tree = Tree(message.bytes) else {
                    try connection.send(hub.frame(Self.error("invalid request")))
                    continue
                }
                switch tree["action"]?.string {
                case "auth", "authenticate":
                    let data = tree["data"] ?? tree
                    isAllowed = credentials.allow(
                        data["key"]?.string ?? data["key_id"]?.string,
                        data["secret"]?.string ?? data["secret_key"]?.string)
                    let status = isAllowed ? "authorized" : "unauthorized"
                    try connection.send(
                        hub.frame(
                            .object([
                                "stream": .string("authorization"),
                                "data": .object(["status": .string(status), "action": .string("authenticate")]),
                            ])))
                case "listen":
                    guard isAllowed else {
                        try connection.send(hub.frame(Self.error("unauthorized")))
                        continue
                    }
                    let asked = tree["data"]?["streams"]?.elements.compactMap(\.string) ?? []
                    // A stream that there is not is simply missing from the answer; a new list replaces the old.
                    let granted = asked.filter { $0 == "trade_updates" }
                    if granted.isEmpty, let left = number {
                        hub.leave(left)
                        number = nil
                    }
                    try connection.send(
                        hub.frame(
                            .object([
                                "stream": .string("listening"),
                                "data": .object(["streams": .array(granted.map { .string($0) })]),
                            ])))
                    // After the answer, so that it comes before the first update.
                    if !granted.isEmpty, number == nil { number = hub.listen(to: connection) }
                default: try connection.send(hub.frame(Self.error("unknown action")))
                }
            }
        } catch { connection.drop() }
    }

    private static func error(_ message: String) -> Tree {
        .object(["stream": .string("error"), "data": .object(["error": .string(message)])])
    }
}
