public import Core

/// How the whole system is, judged from the evidence alone.
public struct SystemStatus: Sendable {
    public let at: Timestamp
    public let log: PartStanding
    /// `nil` where whoever looked has no database.
    public let database: PartStanding?
    public let adapters: [PartStanding]
    public let streams: [PartStanding]
    public let roles: [RoleStanding]
    public let partitions: [PartitionStanding]
    public let requirements: [RoleRequirement]
    public let evidence: SystemEvidence
    /// What is wrong, each thing once and in words; empty when nothing is.
    public let degraded: [SystemFault]

    public var isWell: Bool { degraded.isEmpty }

    public init(_ evidence: SystemEvidence, at now: Timestamp, limits: SystemLimits = SystemLimits()) {
        at = now
        self.evidence = evidence
        log = SystemJudge.log(evidence.log, at: now, limits)
        database = evidence.database.map { SystemJudge.database($0, at: now, limits) }
        roles = evidence.roles.standings(at: now)
        partitions = evidence.roles.partitions(at: now)
        let judge = SystemJudge(evidence: evidence, roles: roles, now: now, limits: limits)
        adapters = evidence.adapters.map { judge.adapter($0) }
        streams = judge.streams
        requirements = RoleRequirement.all(evidence)
        degraded = SystemFault.all(
            roles: roles, parts: [log] + [database].compactMap(\.self) + adapters + streams, evidence)
    }

    /// One role of all processes: as its worst one that is asked to run; disabled when none is.
    public func state(of role: RoleName) -> RoleState {
        let asked = roles.filter { $0.role == role && !$0.isReplaced && $0.state != .disabled }
        return asked.map(\.state).min { $0.goodness < $1.goodness } ?? .disabled
    }

    /// The process that leads in a role, the one that has for longest where several share it.
    public func leader(of role: RoleName) -> RoleStanding? {
        roles.filter { $0.role == role && !$0.isSilent && $0.leaderSince != nil }
            .min { ($0.leaderSince ?? .latest, $0.process.text) < ($1.leaderSince ?? .latest, $1.process.text) }
    }
}

/// How old evidence may be.
public struct SystemLimits: Sendable {
    /// A log that was not read to its end for so long is away.
    public var reading: Duration = .seconds(6)
    /// So long an append may be under way.
    public var appending: Duration = .seconds(4)
    /// An older answer of a database says nothing of now.
    public var database: Duration = .seconds(8)
    /// Nor does one of an adapter: three questions.
    public var adapter: Duration = .seconds(14)

    public init() {}
}

/// A part of the system that is no role: the log, the database, an adapter, a stream.
public struct PartStanding: Sendable, Equatable {
    public enum State: String, Sendable {
        case healthy, degraded, disabled, unknown
    }

    public let part: String
    public internal(set) var state: State
    public internal(set) var detail: String
    public internal(set) var address: String?
    /// Whose word this is.
    public internal(set) var source: String
    /// When it was seen; `nil` when it never was.
    public internal(set) var observedAt: Timestamp?
    public internal(set) var latencyMicroseconds: Int64?

    init(
        _ part: String, _ state: State, _ detail: String = "", address: String? = nil, source: String = "this process",
        observedAt: Timestamp? = nil, latencyMicroseconds: Int64? = nil
    ) {
        self.part = part
        self.state = state
        self.detail = detail
        self.address = address
        self.source = source
        self.observedAt = observedAt
        self.latencyMicroseconds = latencyMicroseconds
    }
}

extension RoleState {
    /// Which of several states speaks for all: the lowest.
    public var goodness: Int {
        switch self {
        case .degraded: 0
        case .unknown: 1
        case .leaderNotStarted: 2
        case .leaderStarting: 3
        case .running: 4
        case .follower: 5
        case .disabled: 6
        }
    }
}
