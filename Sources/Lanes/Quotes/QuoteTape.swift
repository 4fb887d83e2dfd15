public import Core
public import Domain
internal import Synchronization
internal import Wire

/// The last quotes of each symbol, as they lie on `torghut.quotes.v1`: for decisions that brought none along.
///
/// Bounded in every direction: quotes per symbol, symbols, and how far back it reads when it starts.
public final class QuoteTape: Sendable {
    /// Per symbol; at ten a second this is a minute and a half.
    static let quotesPerSymbol = 1_024
    static let symbolsAtMost = 10_000
    /// Of each partition, what is read again at the start.
    static let backlog: Int64 = 100_000
    /// Who asks for a quote waits no longer for the tape to be read to its end.
    static let patience: Duration = .seconds(3)
    /// A read that brings fewer has reached the end.
    private static let short = 1_000

    private struct State {
        var quotes: [Symbol: [QuoteRecord]] = [:]
        /// When a read that found nothing more had begun: everything older has been read.
        var levelSince: Duration?
    }

    private let log: any EventLog
    private let time: any TimeSource
    private let state = Mutex(State())

    public init(_ log: any EventLog, time: any TimeSource) {
        self.log = log
        self.time = time
    }

    /// The last quote that was made no later than this moment and not too long before it.
    public func quote(of symbol: Symbol, at moment: Timestamp, within age: Duration) async -> ReferenceQuote? {
        let asked = time.uptime()
        while time.uptime() - asked < Self.patience, !Task.isCancelled {
            if state.withLock({ $0.levelSince.map { $0 >= asked } ?? false }) { break }
            // Cancelled: whoever asked is gone.
            do { try await Task.sleep(for: .milliseconds(10)) } catch { return nil }
        }
        return state.withLock { state in
            let found = state.quotes[symbol]?.last { $0.quoteTime <= moment }
            guard let found, moment.since(found.quoteTime) <= age else { return nil }
            return found.reference
        }
    }

    /// Follows the tape until the task is cancelled; a log that is away is tried again.
    func follow() async {
        while !Task.isCancelled {
            do { try await read() } catch {
                state.withLock { $0.levelSince = nil }
                // Cancelled: nobody asks any more.
                do { try await Task.sleep(for: .seconds(1)) } catch { return }
            }
        }
    }

    private func read() async throws(LogError) {
        let spec = TopicCatalog.quotes.spec
        let sources = (0..<spec.partitions).map { TopicPartition(spec.name, $0) }
        let bounds = try await log.bounds(of: sources)
        let starts = bounds.mapValues { ReadStart.offset(max($0.begin, $0.end - Self.backlog)) }
        let reader = try await log.reader(from: starts, ReadOptions(headers: false))
        let outcome: Result<Void, LogError>
        do throws(LogError) {
            while !Task.isCancelled {
                let start = time.uptime()
                let batch = try await reader.next(waiting: .milliseconds(20))
                take(batch, readSince: start)
            }
            outcome = .success(())
        } catch { outcome = .failure(error) }
        await reader.close()
        try outcome.get()
    }

    private func take(_ batch: RecordBatch, readSince start: Duration) {
        var desk = QuoteReader()
        let now = time.now()
        var found: [QuoteRecord] = []
        for entry in batch.entries {
            guard let value = batch.bytes(of: entry.value),
                let quote = desk.read(value, ingestedAt: now)
            else { continue }
            found.append(quote)
        }
        state.withLock { state in
            for quote in found { Self.add(quote, to: &state) }
            if batch.count < Self.short { state.levelSince = start }
        }
    }

    /// In the order of their own times; a venue that sends one late changes nothing that was read before.
    private static func add(_ quote: QuoteRecord, to state: inout State) {
        var row = state.quotes[quote.symbol] ?? []
        guard !row.isEmpty || state.quotes.count < symbolsAtMost else { return }
        var place = row.count
        while place > 0, row[place - 1].quoteTime > quote.quoteTime { place -= 1 }
        row.insert(quote, at: place)
        if row.count > quotesPerSymbol { row.removeFirst(row.count - quotesPerSymbol) }
        state.quotes[quote.symbol] = row
    }
}
