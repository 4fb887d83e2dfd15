public import Core

/// What the canary is judged from: a fold of route, intents, order events, shadows and control.
///
/// Each partition's rows depend on that partition's records alone, and moments never run backwards within one: so the
/// state depends on how far each partition was folded, and not on the order in which they were read or on a clock that
/// was set back.
public struct CanaryFold: Snapshot {
    public static let foldName = "torghut.canary.4"

    /// Which rules an evaluation is computed by; another number counts otherwise, and is not held against these.
    public static let rules: Int64 = 4
    /// Verdicts by these are computed again as they were; of older ones that is said.
    ///
    /// By rules 3 all limits counted the same stretch, and no verdict named a sample that was cut.
    public static let knownRules: ClosedRange<Int64> = 3...rules
    /// Clocks may differ by so much.
    ///
    /// A moment that is further ahead is of a clock that was wrong or was set back.
    public static let maximumSkew = Duration.seconds(60)

    /// Of each kind so many are remembered of each partition; further ones push out the oldest.
    public static let maximumRows = 16_384
    /// Longer than any window that is still judged: the current one, and the two before for their amendments.
    public static let keptWindows = 4
    /// So many whole windows back nothing that belongs to them is forgotten for its age.
    public static let closedBehind = 3

    private var folded = KeyedRows<CanaryPlace>()
    private var intents: [Int64: RecentRows<CanaryIntent>] = [:]
    private var takings: [Int64: RecentRows<CanaryTaking>] = [:]
    private var arrivals: [Int64: RecentRows<CanaryArrival>] = [:]
    private var fills: [Int64: RecentRows<CanaryFill>] = [:]
    private var shadows: [Int64: RecentRows<CanaryShadow>] = [:]
    /// When orders might go by LEAN again after they might not: what was before counts for nothing.
    public private(set) var enabledAt: Timestamp?
    /// When the gate judged last, by its own clock: an operator's word is held against it.
    private var judgedAt: Timestamp?

    public init() {}

    public static let types: Set<EventType> = [
        .route(.attemptPrepared), .route(.attemptAccepted), .route(.attemptRejected), .route(.attemptUnknown),
        .route(.attemptResolved), .route(.fallbackDecided), .route(.intentWithdrawn), .intents(.intentEmitted),
        .orderEvents(.brokerUpdateRecorded), .shadow(.shadowParityJudged), .control(.laneEnabled),
        .control(.canaryEvaluated),
        // Whoever gave something in a record's place said so here: an evaluation names whether it had read that.
        .control(.quarantinePatched), .control(.quarantineSkipped),
    ]

    public var vector: PositionVector {
        PositionVector(
            positions: folded.rows.map { LogPosition(topic: $0.topic, partition: $0.partition, offset: $0.offset) })
    }

    /// The latest moment that a record names of a clock that goes with this one.
    public func latest(beside clock: Timestamp) -> Timestamp {
        folded.rows.lazy.map(\.latest).filter { $0.since(clock) <= Self.maximumSkew }.max() ?? .earliest
    }

    /// Folds one record; types that it does not want change nothing at all, for a replay may not be given them.
    public mutating func fold(_ event: Event, at position: LogPosition, keeping window: Duration) {
        guard Self.types.contains(event.content.type) else { return }
        let now = arrive(event, at: position)
        let horizon = now.advanced(by: .zero - window * Self.keptWindows) ?? .earliest
        let partition = position.partition
        switch event.content {
        case .route(let route):
            intents[partition, default: RecentRows()].fold(route, event.envelope, at: now, horizon)
            takings[partition, default: RecentRows()].fold(route, at: now, horizon)
        case .intents(.intentEmitted(let intent)):
            let middle = intent.referenceQuote.flatMap { Amount.middle($0.bid, $0.ask) }
            guard let price = intent.arrivalPrice ?? middle, price > .zero else { return }
            arrivals[partition, default: RecentRows()].put(CanaryArrival(intent, price: price, at: now))
            arrivals[partition]?.forget(before: horizon, keeping: Self.maximumRows)
        case .orderEvents(.brokerUpdateRecorded(let update)):
            fills[partition, default: RecentRows()].fold(update, event.envelope, at: now, horizon)
        case .shadow(.shadowParityJudged(let judged)):
            shadows[partition, default: RecentRows()].fold(judged, event.envelope, at: now, horizon)
        case .control(.laneEnabled(let enabled)) where enabled.lane == .execution:
            enabledAt = Self.bounded(event.envelope.ingestTime, by: judgedAt)
        case .control(.canaryEvaluated(let evaluation)): judgedAt = evaluation.evaluatedAt
        default: break
        }
    }

    /// An operator's clock says when only as far as the gate's own goes with it.
    static func bounded(_ moment: Timestamp, by judgedAt: Timestamp?) -> Timestamp {
        guard let judgedAt else { return moment }
        return min(max(moment, judgedAt), judgedAt.advanced(by: maximumSkew) ?? .latest)
    }

    /// Moves its partition on; a moment counts as no earlier than those before it, unless the clock was set back.
    private mutating func arrive(_ event: Event, at position: LogPosition) -> Timestamp {
        var place =
            folded[CanaryPlace.key(position)]
            ?? CanaryPlace(topic: position.topic, partition: position.partition)
        // A record that was patched lies before others that were folded already.
        place.offset = max(place.offset, position.offset + 1)
        let moment = event.envelope.ingestTime
        place.latest = place.latest.since(moment) > Self.maximumSkew ? moment : max(place.latest, moment)
        folded.put(place)
        return place.latest
    }

    public func write(to writer: inout StateWriter) {
        var copy = self
        copy.walk(&writer)
        Self.write(intents, to: &writer)
        Self.write(takings, to: &writer)
        Self.write(arrivals, to: &writer)
        Self.write(fills, to: &writer)
        Self.write(shadows, to: &writer)
    }

    public init(from reader: inout StateReader) throws(StateFault) {
        try walk(&reader)
        intents = try Self.read(&reader)
        takings = try Self.read(&reader)
        arrivals = try Self.read(&reader)
        fills = try Self.read(&reader)
        shadows = try Self.read(&reader)
    }

    private mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try folded.walk("folded", &fields)
        try fields.field("enabled_at", &enabledAt, "When LEAN might be used again.")
        try fields.field("judged_at", &judgedAt, "When the gate judged last.")
    }

    private static func write<Row: RecentRow>(_ rows: [Int64: RecentRows<Row>], to writer: inout StateWriter) {
        let held = rows.filter { $0.value.count > 0 }.sorted { $0.key < $1.key }
        writer.number(UInt64(held.count))
        for (partition, rows) in held {
            writer.number(UInt64(partition))
            writer.number(UInt64(bitPattern: rows.pushedOut.nanoseconds))
            writer.rows(rows.rows)
        }
    }

    private static func read<Row: RecentRow>(
        _ reader: inout StateReader
    ) throws(StateFault) -> [Int64: RecentRows<Row>] {
        var all: [Int64: RecentRows<Row>] = [:]
        for _ in 0..<(try reader.number()) {
            let partition = Int64(try reader.number())
            var rows = RecentRows<Row>(
                pushedOut: Timestamp(nanoseconds: Int64(bitPattern: try reader.number())))
            for row in try reader.rows(of: Row.self) { rows.put(row) }
            all[partition] = rows
        }
        return all
    }

    public static func == (left: Self, right: Self) -> Bool { left.snapshot == right.snapshot }
}

extension CanaryFold {
    /// By how much the clock of the furthest partition is ahead of this one.
    public func ahead(of clock: Timestamp) -> (topic: TopicName, partition: Int64, by: Duration)? {
        let furthest = folded.rows.max { $0.latest < $1.latest }
        guard let furthest, furthest.latest > clock else { return nil }
        return (furthest.topic, furthest.partition, furthest.latest.since(clock))
    }

    /// Whether rows of this stretch were pushed out by later ones, so that what is counted is a part.
    func isTruncated(since start: Timestamp, _ terms: CanaryTerms) -> Bool {
        func isCut<Row: RecentRow>(_ rows: [Int64: RecentRows<Row>]) -> Bool {
            rows.contains { $0.value.pushedOut >= start }
        }
        if isCut(intents) { return true }
        if terms.driftRatioLimit != nil, isCut(shadows) || isCut(arrivals) { return true }
        return terms.slippageLimitBps != nil && (isCut(fills) || isCut(arrivals) || isCut(takings))
    }

    /// Intents that LEAN was asked for, of all partitions.
    func eachIntent(_ body: (CanaryIntent) -> Void) {
        for (_, rows) in intents.sorted(by: { $0.key < $1.key }) { for row in rows.rows { body(row) } }
    }

    /// Judged shadows of which it is known with what money they were decided.
    func eachShadow(_ body: (CanaryShadow, CanaryArrival) -> Void) {
        for (partition, rows) in shadows {
            for shadow in rows.rows {
                guard let arrival = arrivals[partition]?[shadow.decision] else { continue }
                body(shadow, arrival)
            }
        }
    }

    /// Fills of which it is known at what price they were decided and who took the order.
    func eachFill(_ body: (CanaryFill, CanaryArrival, Adapter) -> Void) {
        for (partition, rows) in fills.sorted(by: { $0.key < $1.key }) {
            for fill in rows.rows {
                guard let arrival = arrivals[partition]?[fill.decision],
                    let taking = takings[partition]?[fill.decision]
                else { continue }
                body(fill, arrival, taking.adapter)
            }
        }
    }
}

/// How far one partition was folded, and the latest moment in it.
struct CanaryPlace: KeyedRow {
    var topic: TopicName
    var partition: Int64
    var offset: Int64 = 0
    var latest = Timestamp.earliest
    var key: String { "\(topic)/\(partition)" }

    static func key(_ position: LogPosition) -> String { "\(position.topic)/\(position.partition)" }

    init(topic: TopicName, partition: Int64) {
        self.topic = topic
        self.partition = partition
    }

    init(unread: Unread) {
        topic = unread()
        partition = unread()
    }

    mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("topic", &topic, "Topic.")
        try fields.field("partition", &partition, "Partition.")
        try fields.field("offset", &offset, "Everything before it is included.")
        try fields.field("latest", &latest, "The latest moment in it.")
    }
}
