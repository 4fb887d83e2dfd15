internal import Core
internal import JSON
internal import Synchronization
internal import Threading
internal import WebSocket
internal import Wire

/// Keeps one connection to the broker's market data, and dials again whenever it ends.
final class QuoteLine: Sendable {
    private let context: QuoteStreamContext
    private let client: WebSocketClient
    private let room: BoundedChannel<QuoteRecord>

    init(_ context: QuoteStreamContext, _ room: BoundedChannel<QuoteRecord>) throws(WebSocketError) {
        self.context = context
        self.room = room
        client = try WebSocketClient(
            WebSocketSettings(
                openTimeout: context.limits.step, maximumMessageBytes: context.limits.maximumFrameBytes))
    }

    /// Works until the task is cancelled; the socket is gone when it returns.
    func run() async {
        let limits = context.limits
        var backoff = Backoff(
            Backoff.Limits(
                first: limits.firstPause, longest: limits.longestPause, attempts: .max, total: .seconds(1 << 40)))
        var random = SystemRandomNumberGenerator()
        while !Task.isCancelled {
            let start = context.time.uptime()
            let why = await live()
            guard !Task.isCancelled else { break }
            if context.time.uptime() - start >= limits.steady { backoff.reset() }
            var pause = limits.longestPause
            do { pause = try backoff.next(using: &random) } catch { pause = limits.longestPause }
            context.observer.noted(.ended(why, pause: pause))
            // Cancelled: nobody listens any more.
            do { try await Task.sleep(for: pause) } catch { break }
        }
        await client.stop()
    }

    /// One connection, from dialling to its end; why it ended.
    private func live() async -> String {
        do {
            let socket = try await client.connect(context.address)
            return await withTaskCancellationHandler {
                do { return try await talk(socket) } catch {
                    socket.drop()
                    return "\(error)"
                }
            } onCancel: {
                socket.drop()
            }
        } catch { return "\(error)" }
    }

    private func talk(_ socket: WebSocketConnection) async throws -> String {
        // Whoever says nothing for a step while something is owed is taken for dead.
        let deadline = Task { [limit = context.limits.step] in
            do { try await Task.sleep(for: limit) } catch { return }
            socket.drop()
        }
        defer { deadline.cancel() }
        try socket.send(.text(auth))
        var isSubscribed = false
        while let message = try await socket.receive() {
            let words = MarketWords(message.bytes)
            if let complaint = words.complaint { return complaint }
            if words.isAuthenticated, !isSubscribed { try socket.send(.text(subscription)) }
            if words.isSubscription {
                isSubscribed = true
                deadline.cancel()
                context.observer.noted(.listening(symbols: context.symbols.count))
            }
            take(message.bytes)
        }
        return "the broker said farewell"
    }

    private func take(_ bytes: [UInt8]) {
        var reader = QuoteReader()
        var dropped = 0
        for quote in reader.readAll(bytes, ingestedAt: context.time.now()) {
            // A channel that is closed takes nothing: the life is over.
            do { if try !room.trySend(quote) { dropped += 1 } } catch { return }
        }
        if dropped > 0 { context.observer.dropped(dropped) }
    }

    private var auth: [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.key("action")
            json.string("auth")
            json.key("key")
            json.string(context.keyID.reveal())
            json.key("secret")
            json.string(context.secretKey.reveal())
        }
        return json.finish()
    }

    private var subscription: [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.key("action")
            json.string("subscribe")
            json.key("quotes")
            json.array { json in for symbol in context.symbols { json.string(symbol.text) } }
        }
        return json.finish()
    }
}

/// What a message of the market stream says besides market data.
private struct MarketWords {
    var isAuthenticated = false
    var isSubscription = false
    var complaint: String?

    init(_ bytes: [UInt8]) {
        var parser = JSONParser()
        do {
            let root = try parser.parse(bytes)
            guard var elements = root.elements() else { return }
            while let element = elements.next() {
                switch element.field("T")?.string {
                case "success": isAuthenticated = isAuthenticated || element.field("msg")?.string == "authenticated"
                case "subscription": isSubscription = true
                case "error":
                    let code = element.field("code")?.int64 ?? 0
                    complaint = "\(code) \(element.field("msg")?.string?.prefix(120) ?? "")"
                default: break
                }
            }
        } catch { complaint = "a message that is no JSON" }
    }
}
