public import Core
public import Domain
internal import Wire

/// How far feeds have read, for a person to see and to set.
public struct FeedPositions: Sendable {
    public struct Row: Sendable {
        public let source: FeedSource
        /// The next message; `nil` while nothing was ever read.
        public let next: Int64?
        /// What is there to be read.
        public let held: Bounds
        /// Whether the next message is one that is there, or the one that will come.
        public var isThere: Bool { next.map { (held.begin...held.end).contains($0) } ?? true }
    }

    public enum Place: Sendable {
        case earliest
        case latest
        case offset(Int64)
    }

    /// Why a position cannot be set.
    public enum Refusal: Error, CustomStringConvertible {
        case unknown(TopicPartition)
        case outside(TopicPartition, Int64, Bounds)

        public var description: String {
            switch self {
            case .unknown(let source): "the feed does not read \(source); see 'torghut feed position list'"
            case .outside(let source, let offset, let held):
                "\(source) has \(held.begin) to \(held.end), and \(offset) is none of them"
            }
        }
    }

    /// Another process may open a writer of the same name between ours and its append.
    private static let maximumTries = 100
    private static let writerName = "torghut.operator.feed-position"

    let log: any EventLog
    let readings: FeedReadings

    /// The log that keeps the positions, and what is read.
    public init(in log: any EventLog, of readings: FeedReadings) {
        self.log = log
        self.readings = readings
    }

    public func rows() async throws(LogError) -> [Row] {
        let sources = try await readings.sources()
        let bounds = try await readings.log.bounds(of: sources.map(\.read))
        let known = try await FeedSource.positions(of: sources, in: log)
        return sources.compactMap { source in
            bounds[source.read].map { Row(source: source, next: known[source]?.next, held: $0) }
        }
    }

    /// Says where the feed goes on, and moves it there, in one append.
    public func set(
        _ source: TopicPartition, to place: Place, _ order: ControlOrder, configHash: ContentHash, at moment: Timestamp
    ) async throws -> (next: Int64, said: RecordPosition?) {
        guard let row = try await rows().first(where: { $0.source.read == source }) else {
            throw Refusal.unknown(source)
        }
        let next =
            switch place {
            case .earliest: row.held.begin
            case .latest: row.held.end
            case .offset(let offset): offset
            }
        guard (row.held.begin...row.held.end).contains(next) else { throw Refusal.outside(source, next, row.held) }
        let choice = FeedChoice(
            source: row.source, value: "\(next)", previous: row.next.map { "\($0)" }, flagSource: .command,
            configHash: configHash)
        var encoder = EventEncoder()
        let append = Append(
            [encoder.record(choice.event(order, at: moment))],
            positions: [row.source.position(next: next, anchor: nil)])
        return (next, try await write(append).first)
    }

    private func write(_ append: Append) async throws(LogError) -> [RecordPosition] {
        var tries = 0
        while true {
            tries += 1
            let writer = try await log.writer(named: Self.writerName)
            let outcome: Result<[RecordPosition], LogError>
            do throws(LogError) { outcome = .success(try await writer.append(append)) } catch {
                outcome = .failure(error)
            }
            await writer.close()
            if case .failure(let error) = outcome, case .fenced = error.reason, tries < Self.maximumTries { continue }
            return try outcome.get()
        }
    }
}
