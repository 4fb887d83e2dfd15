public import Core
internal import Digest
public import Engine

/// Reads market data onto a tape, within limits, and says of every source what it was.
public struct TapeReader: Sendable {
    public struct Limits: Sendable {
        /// Bars and quotes of a run together.
        public var items = 2_000_000
        public var lineBytes = 64 << 10
        public var fileBytes: Int64 = 4 << 30

        public init() {}
    }

    public enum Format: String, Sendable, CaseIterable {
        case csv
        case jsonLines = "json_lines"
    }

    /// What was read from one source.
    public struct Receipt: Sendable, Equatable {
        public let source: String
        /// Of the file's bytes, or of its archive's manifest.
        public let sha256: String
        public let rows: Int
        /// Rows about symbols that the run does not have.
        public let passedOver: Int
        /// The source is a record of our own log whose hashes were checked.
        public let isRecorded: Bool
    }

    public let symbols: [Symbol]
    public let timeframe: Int64
    public let limits: Limits
    public private(set) var tape: MarketTape
    public private(set) var receipts: [Receipt] = []
    private let names: SymbolNames
    private let isCanceled: @Sendable () -> Bool

    public init(
        of symbols: [Symbol], timeframe: Int64, _ limits: Limits = Limits(),
        isCanceled: @escaping @Sendable () -> Bool = { false }
    ) {
        self.symbols = symbols
        self.timeframe = timeframe
        self.limits = limits
        self.isCanceled = isCanceled
        names = SymbolNames(symbols)
        tape = MarketTape(of: symbols, limit: limits.items)
    }

    /// Reads a file; `name` is what messages call it.
    public mutating func read(
        _ path: String, named name: String, _ format: Format, holding kind: MarketKind
    ) throws(SourceFault) {
        var lines = try LineFile(path, named: name, limits)
        var row = MarketRow()
        var csv: CSVRow?
        var json = JSONRow()
        var (rows, passedOver) = (0, 0)
        while let line = try lines.next() {
            if lines.number % 16_384 == 0, isCanceled() { throw SourceFault(name, "canceled") }
            guard !line.isEmpty else { continue }
            row.clear()
            do throws(MarketRow.Problem) {
                switch format {
                case .csv:
                    guard let head = csv else {
                        csv = try CSVRow(header: line, needs: kind.needs)
                        continue
                    }
                    try head.read(line, into: &row, names)
                case .jsonLines: try json.read(line, into: &row, names)
                }
                if try row.append(as: kind, spanning: timeframe, to: &tape) { rows += 1 } else { passedOver += 1 }
            } catch { throw SourceFault(name, line: lines.number, error.text) }
        }
        receipts.append(
            Receipt(source: name, sha256: lines.finish(), rows: rows, passedOver: passedOver, isRecorded: false))
    }

    /// Reads quotes from a topic of a log; the log is ours, so what it says was recorded.
    ///
    /// A record is a quote, a list of quotes, or an envelope around either. What is none of these has no bid and ask:
    /// it is passed over, because a market's topic may carry other frames too. Without a hash of its own the log is
    /// known by that of its values, partition after partition.
    public mutating func read(
        topic: String, of log: any EventLog, named name: String, sha256: String?,
        isolation: isolated (any Actor)? = #isolation
    ) async throws(SourceFault) {
        var (rows, passedOver) = (0, 0)
        var json = JSONRow()
        var hasher = SHA256()
        do throws(LogError) {
            guard let found = try await log.describe().first(where: { $0.name == topic }) else {
                throw LogError(.open, .unknownTopic(topic))
            }
            // One partition after the other: their order does not matter, the tape is arranged by time.
            for partition in 0..<found.partitions {
                let source = TopicPartition(topic, partition)
                guard let bounds = try await log.bounds(of: [source])[source], bounds.end > bounds.begin else {
                    continue
                }
                let reader = try await log.reader(from: [source: .beginning], ReadOptions(headers: false))
                do throws(LogError) {
                    let counts = try await read(reader, of: source, to: bounds.end, &json, &hasher)
                    rows += counts.rows
                    passedOver += counts.passedOver
                } catch {
                    await reader.close()
                    throw error
                }
                await reader.close()
            }
        } catch { throw SourceFault(name, error.description) }
        let digest = HexText.of(hasher.finish())
        receipts.append(
            Receipt(source: name, sha256: sha256 ?? digest, rows: rows, passedOver: passedOver, isRecorded: true))
    }

    private mutating func read(
        _ reader: any EventReader, of source: TopicPartition, to end: Int64, _ json: inout JSONRow,
        _ hasher: inout SHA256,
        isolation: isolated (any Actor)? = #isolation
    ) async throws(LogError) -> (rows: Int, passedOver: Int) {
        var (rows, passedOver) = (0, 0)
        var row = MarketRow()
        var next: Int64 = 0
        while next < end {
            if isCanceled() { throw LogError(.read, .refused("canceled")) }
            let batch = try await reader.next(waiting: .seconds(5))
            guard let moved = batch.next[source] else {
                throw LogError(.read, .refused("\(source) gave nothing before its end at \(end)"))
            }
            next = moved
            for entry in batch.entries where entry.offset < end {
                guard let bytes = batch.copy(of: entry.value) else { continue }
                unsafe hasher.update(bytes.span.bytes)
                do throws(MarketRow.Problem) {
                    try json.readEach(of: bytes, into: &row, names) { row throws(MarketRow.Problem) in
                        if try row.append(as: .quotes, spanning: timeframe, to: &tape) {
                            rows += 1
                        } else {
                            passedOver += 1
                        }
                    }
                } catch {
                    throw LogError(.read, .refused("\(source)/\(entry.offset): \(error.text)"))
                }
            }
        }
        return (rows, passedOver)
    }
}
