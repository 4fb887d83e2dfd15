public import Core

/// Everything that is known of the whole system, each piece with the moment it was seen: what is judged, and nothing
/// else.
public struct SystemEvidence: Sendable {
    public var roles = RoleSightings()
    public var control = ControlSightings()
    public var log: LogEvidence
    public var database: DatabaseEvidence?
    public var adapters: [AdapterEvidence] = []

    public init(log: LogEvidence) { self.log = log }
}

/// The log as one process meets it.
public struct LogEvidence: Sendable, Equatable {
    public var engine: String
    public var address: String
    /// When this process began to look.
    public var since: Timestamp
    /// When control and heartbeats were last known to be read to their ends; `nil` before the first time.
    public var readAt: Timestamp?
    public var readFault: String?
    public var readMicroseconds: Int64?
    /// The append that is under way, if one is, and the last that ended.
    public var appendBegan: Timestamp?
    public var appendedAt: Timestamp?
    public var appendFault: String?
    public var appendMicroseconds: Int64?
    /// Whether this process appends at all.
    public var isAppending = false
    /// Topics of the catalog that are not there; `nil` before anybody has looked.
    public var missingTopics: [String]?

    public init(engine: String, address: String, since: Timestamp) {
        self.engine = engine
        self.address = address
        self.since = since
    }
}

/// The database as one process meets it.
public struct DatabaseEvidence: Sendable, Equatable {
    public enum Seal: String, Sendable {
        case verified, off
        case brokenChain = "broken_chain"
        case otherHost = "other_host"
        case noAuthorities = "no_authorities"
        case notOffered = "not_offered"
        case unknown
    }

    public var target: String
    public var askedAt: Timestamp
    public var answeredAt: Timestamp?
    public var fault: String?
    public var seal = Seal.unknown
    public var serverVersion: Int?
    public var latencyMicroseconds: Int64?
    /// Migrations that were not applied; `nil` where nobody could look.
    public var missingMigrations: [String]?
    public var migrationFault: String?
    /// Read models of which no version serves; `nil` where nobody could look.
    public var missingReadModels: [String]?
    /// Read models that were made by another fold than this program's.
    public var outdatedReadModels: [String] = []

    public init(target: String, askedAt: Timestamp) {
        self.target = target
        self.askedAt = askedAt
    }
}

/// An adapter as one process met it when it asked how it is.
public struct AdapterEvidence: Sendable, Equatable {
    public var adapter: Adapter
    /// `nil` where none is named.
    public var address: String?
    /// Whether this process may ask: it knows the address, and as whom it comes.
    public var isAsked: Bool
    public var askedAt: Timestamp?
    public var health: HealthState?
    public var detail = ""
    public var latencyMicroseconds: Int64?

    public init(_ adapter: Adapter, address: String?, isAsked: Bool) {
        self.adapter = adapter
        self.address = address
        self.isAsked = isAsked
    }
}
