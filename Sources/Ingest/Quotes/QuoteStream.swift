public import Core
internal import Folding
internal import JSON
internal import Threading
internal import WebSocket
internal import Wire

/// The broker's quotes, as they come: each lies on `torghut.quotes.v1` a moment later.
///
/// Quotes are perishable: what finds no room is dropped and counted, and the broker is never held back. One process
/// has the connection, because an account has only one.
public struct QuoteStream: Sendable {
    private let context: QuoteStreamContext

    public init(_ context: QuoteStreamContext) { self.context = context }

    /// Runs until the task is cancelled; throws when another process has the stream now.
    public func run() async throws(LogError) {
        try await LogPatience.live(
            context.time, fenced: { context.observer.noted(.fenced) },
            retrying: { context.observer.noted(.retrying($0)) }
        ) { () async throws(LogError) in try await live() }
    }

    private nonisolated(nonsending) func live() async throws(LogError) {
        let writer = try await context.log.writer(named: context.writerName)
        let room = BoundedChannel<QuoteRecord>(capacity: context.limits.bufferedQuotes)
        let line: QuoteLine
        do throws(WebSocketError) { line = try QuoteLine(context, room) } catch {
            await writer.close()
            throw LogError(.open, .unavailable("\(error)"))
        }
        let listening = Task { await line.run() }
        let writing = Task { () -> Result<Void, LogError> in
            do throws(LogError) { return .success(try await write(room, to: writer)) } catch { return .failure(error) }
        }
        let outcome = await withTaskCancellationHandler {
            await writing.value
        } onCancel: {
            room.close()
        }
        listening.cancel()
        room.close()
        await listening.value
        await writer.close()
        try outcome.get()
    }

    /// What was taken and could not be written is gone with this life: a quote that comes late is none.
    private func write(_ room: BoundedChannel<QuoteRecord>, to writer: any EventWriter) async throws(LogError) {
        var seqs: [Symbol: Int64] = [:]
        while true {
            let quotes: [QuoteRecord]
            do { quotes = try await room.receive(upTo: context.limits.appendQuotes) } catch { return }
            guard !quotes.isEmpty else { return }
            let records = quotes.map { quote in
                var quote = quote
                seqs[quote.symbol, default: 0] += 1
                quote.seq = seqs[quote.symbol] ?? 0
                return quote.record
            }
            try await writer.append(Append(records))
            context.observer.wrote(quotes.count)
        }
    }
}

/// What the stream of quotes works with.
public struct QuoteStreamContext: Sendable {
    public let log: any EventLog
    /// `wss://…/v2/iex`, or whichever feed the account has.
    public let address: String
    public let symbols: [Symbol]
    public let keyID: Secret<String>
    public let secretKey: Secret<String>
    public let time: any TimeSource
    public let observer: any QuoteStreamObserver
    /// Of this stream alone: opening it fences whoever had the same stream before.
    public let writerName: String
    public var limits = QuoteStreamLimits()

    public init(
        log: any EventLog, address: String, symbols: [Symbol], keyID: Secret<String>, secretKey: Secret<String>,
        time: any TimeSource, observer: any QuoteStreamObserver, writerName: String = "torghut.quotes"
    ) {
        self.log = log
        self.address = address
        self.symbols = symbols
        self.keyID = keyID
        self.secretKey = secretKey
        self.time = time
        self.observer = observer
        self.writerName = writerName
    }
}

/// Every wait and every size of it.
public struct QuoteStreamLimits: Sendable {
    /// For the open connection, and for each answer of the broker before quotes come.
    public var step: Duration = .seconds(10)
    public var firstPause: Duration = .milliseconds(500)
    public var longestPause: Duration = .seconds(30)
    /// A connection that was good for so long had nothing to do with the failures before it.
    public var steady: Duration = .seconds(10)
    /// Quotes that wait for the log; further ones are dropped.
    public var bufferedQuotes = 20_000
    public var appendQuotes = 2_000
    public var maximumFrameBytes = 1 << 20

    public init() {}
}

/// Learns what the stream of quotes does; told on any thread.
public protocol QuoteStreamObserver: Sendable {
    func wrote(_ quotes: Int)
    func dropped(_ quotes: Int)
    func noted(_ note: QuoteStreamNote)
}

/// What happens to the stream of quotes.
public enum QuoteStreamNote: Sendable {
    case listening(symbols: Int)
    case ended(String, pause: Duration)
    case retrying(LogError)
    case fenced
}
