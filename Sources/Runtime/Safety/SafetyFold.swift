internal import Commands
internal import Core
internal import Domain
internal import Folding

/// All that the log says for or against going on: one fold, for a command that reads it once and for a process that
/// follows it.
struct SafetyFold: Sendable {
    /// An order of which nobody knows what became of it.
    struct Doubt: Sendable {
        let since: Timestamp
        let order: ClientOrderID
    }

    /// A record that a projection put aside.
    struct Parked: Sendable {
        let reason: ParkReason
        let at: Timestamp
    }

    static let sources =
        GatesFold.sources + LogScan.partitions([TopicCatalog.quarantine, TopicCatalog.heartbeats])
    static let types = GatesFold.types.union(DiscrepancyHistory.wanted).union([
        .route(.attemptUnknown), .route(.attemptResolved), .route(.idsDiverged), .quarantine(.recordParked),
        .heartbeats(.heartbeatRecorded),
    ])

    private(set) var gates = GatesFold()
    private(set) var books = DiscrepancyHistory()
    private(set) var roles = RoleSightings()
    private(set) var parity = ParityState()
    private(set) var doubts: [AttemptID: Doubt] = [:]
    private var parkings: [String: Parked] = [:]
    /// What an operator last said of a record, and when.
    private var said: [String: Timestamp] = [:]
    private var reading = SettledReading(wanting: Self.types)
    private let policy: GatePolicy

    /// Who was heard stays known: heartbeats are kept for a while only.
    init(_ policy: GatePolicy, knowing roles: RoleSightings = RoleSightings()) {
        self.policy = policy
        self.roles = roles
    }

    mutating func take(_ batch: FollowedBatch<Event>) {
        for record in batch {
            let patch = reading.settle(record.content)
            if case .fact(let event) = record.content { fold(event, at: batch.position(of: record)) }
            if let patch { fold(patch.event, at: patch.place) }
        }
    }

    private mutating func fold(_ event: Event, at place: RecordPosition) {
        gates.fold(event, at: place, under: policy)
        switch event.content {
        case .canary(let said): parity.fold(said, event.envelope)
        case .orderEvents: books.fold(event)
        case .heartbeats(.heartbeatRecorded(let beat)): roles.fold(beat, at: event.envelope.ingestTime)
        case .route(.attemptUnknown(let unknown)):
            doubts[unknown.key.attemptID] = Doubt(since: unknown.unknownSince, order: unknown.key.clientOrderID)
        case .route(.attemptResolved(let resolved)): doubts[resolved.key.attemptID] = nil
        case .route(.idsDiverged(let found)): parity.fold(.idsDiverged(found), event.envelope)
        case .quarantine(.recordParked(let parked)):
            parkings[Self.name(parked.record)] = Parked(reason: parked.parkReason, at: event.envelope.eventTime)
        case .control(.quarantineReleased(let word)): settle(word.record, event)
        case .control(.quarantineSkipped(let word)): settle(word.record, event)
        case .control(.quarantinePatched(let word)): settle(word.record, event)
        default: break
        }
    }

    private mutating func settle(_ record: ParkedKey, _ event: Event) {
        let name = Self.name(record)
        said[name] = max(said[name] ?? .earliest, event.envelope.eventTime)
    }

    private static func name(_ record: ParkedKey) -> String { "\(record.projection.text) \(record.place)" }

    /// Records that wait for a person: one that was parked again after his word waits again.
    var parked: [(name: String, reason: ParkReason)] {
        parkings.filter { name, parked in said[name].map { parked.at > $0 } ?? true }
            .sorted { $0.key < $1.key }.map { ($0.key, $0.value.reason) }
    }

    /// What cannot be read, and of which no operator said anything.
    var unread: [Unreadable] { reading.faults }

    /// How far it was folded, as `Torghut-Position` says it.
    static func text(_ vector: FoldVector) -> String {
        Dictionary(grouping: sources.sorted(), by: \.topic).sorted { $0.key < $1.key }.map { topic, sources in
            "\(topic)=" + sources.map { "\(vector.places[$0]?.next ?? 0)" }.joined(separator: ",")
        }.joined(separator: " ")
    }
}
