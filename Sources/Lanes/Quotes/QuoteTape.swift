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
    /// A quote made before the decision may still be on its way from the market this long after it, unless a later one
    /// is there.
    static let settling: Duration = .seconds(1)

    private struct State {
        var quotes: [Symbol: [QuoteRecord]] = [:]
        /// Symbols of which older quotes were let go, up to when.
        var forgotten: [Symbol: Timestamp] = [:]
        /// Where the reader stands; nothing while there is none.
        var next: [TopicPartition: Int64] = [:]
    }

    private let log: any EventLog
    private let time: any TimeSource
    private let state = Mutex(State())

    public init(_ log: any EventLog, time: any TimeSource) {
        self.log = log
        self.time = time
    }

    /// The last quote that was made no later than this moment and not too long before it; `nil` when there is none.
    ///
    /// Throws when that cannot be told: a tape that is behind knows only older quotes, and those are never the answer.
    public func quote(
        of symbol: Symbol, at moment: Timestamp, within age: Duration
    ) async throws(LaneFault) -> ReferenceQuote? {
        try await level(with: symbol, at: moment)
        let (found, forgotten) = state.withLock { state in
            (state.quotes[symbol]?.last { $0.quoteTime <= moment }, state.forgotten[symbol])
        }
        if let found { return moment.since(found.quoteTime) <= age ? found.reference : nil }
        // What was let go could have been the one.
        if let forgotten, moment.since(forgotten) <= age {
            throw LaneFault(.quoteMissing, reason: "the quotes of that time are held no longer")
        }
        return nil
    }

    /// Waits until the tape has everything that counts: a later quote is there, or what the log held when the time for
    /// stragglers was over has been read.
    private func level(with symbol: Symbol, at moment: Timestamp) async throws(LaneFault) {
        let asked = time.uptime()
        var ends: [TopicPartition: Int64]?
        while true {
            let isSettled = state.withLock { state in
                if let last = state.quotes[symbol]?.last, last.quoteTime > moment { return true }
                guard let ends else { return false }
                return ends.allSatisfy { (state.next[$0.key] ?? -1) >= $0.value }
            }
            if isSettled { return }
            if ends == nil, time.now().since(moment) >= Self.settling { ends = await bounds() }
            guard time.uptime() - asked < Self.patience, !Task.isCancelled else { break }
            // Cancelled: whoever asked is gone.
            do { try await Task.sleep(for: .milliseconds(10)) } catch { break }
        }
        throw LaneFault(.timeout, reason: "the quotes were not read up to the decision in time")
    }

    /// `nil` while the log is away: it is asked again.
    private func bounds() async -> [TopicPartition: Int64]? {
        do { return try await log.bounds(of: Self.sources).mapValues(\.end) } catch { return nil }
    }

    private static let sources = (0..<TopicCatalog.quotes.spec.partitions).map {
        TopicPartition(TopicCatalog.quotes.spec.name, $0)
    }

    /// Follows the tape until the task is cancelled; a log that is away is tried again.
    func follow() async {
        while !Task.isCancelled {
            do { try await read() } catch {
                state.withLock { $0.next = [:] }
                // Cancelled: nobody asks any more.
                do { try await Task.sleep(for: .seconds(1)) } catch { return }
            }
        }
    }

    private func read() async throws(LogError) {
        let starts = try await log.bounds(of: Self.sources).mapValues { max($0.begin, $0.end - Self.backlog) }
        let reader = try await log.reader(from: starts.mapValues { .offset($0) }, ReadOptions(headers: false))
        state.withLock { $0.next = starts }
        let outcome: Result<Void, LogError>
        do throws(LogError) {
            while !Task.isCancelled {
                take(try await reader.next(waiting: .milliseconds(20)))
            }
            outcome = .success(())
        } catch { outcome = .failure(error) }
        await reader.close()
        try outcome.get()
    }

    private func take(_ batch: RecordBatch) {
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
            state.next.merge(batch.next) { max($0, $1) }
        }
    }

    /// In the order of their own times; a venue that sends one late changes nothing that was read before.
    private static func add(_ quote: QuoteRecord, to state: inout State) {
        var row = state.quotes[quote.symbol] ?? []
        guard !row.isEmpty || state.quotes.count < symbolsAtMost else { return }
        var place = row.count
        while place > 0, row[place - 1].quoteTime > quote.quoteTime { place -= 1 }
        row.insert(quote, at: place)
        if row.count > quotesPerSymbol {
            state.forgotten[quote.symbol] = row[row.count - quotesPerSymbol - 1].quoteTime
            row.removeFirst(row.count - quotesPerSymbol)
        }
        state.quotes[quote.symbol] = row
    }
}
