public import Core
public import Domain
public import Folding
internal import Synchronization

/// What all partitions of one router share.
public struct RouterSetup: Sendable {
    public let log: any EventLog
    public let inForce: PolicyInForce
    public let adapters: RouterAdapters
    public let localStop: LocalStopReading
    public let process: ProcessName
    public let time: any TimeSource
    public let metrics: RouterMetrics
    public let observer: any RouterObserver
    public var limits = RouterLimits()
    public var probe = RouterProbe()
    /// Whether the counters go on where the log is, which is right where one process owns every partition.
    ///
    /// Where partitions move, each process counts what it appends itself.
    public var countsHistory = true
    /// Where snapshots are kept; without a folder the log is folded from its beginning.
    public var snapshots: SnapshotStore?

    let gate: CallGate
    let control: ControlWatch

    public init(
        log: any EventLog, inForce: PolicyInForce, adapters: RouterAdapters,
        localStop: @escaping LocalStopReading, process: ProcessName, time: any TimeSource, metrics: RouterMetrics,
        observer: any RouterObserver
    ) {
        self.log = log
        self.inForce = inForce
        self.adapters = adapters
        self.localStop = localStop
        self.process = process
        self.time = time
        self.metrics = metrics
        self.observer = observer
        gate = CallGate(limit: Int(inForce.policy.routing.limits.concurrencyPerAdapter))
        control = ControlWatch(log, time)
    }
}

/// Hears what the router does, besides what it writes on the log.
public protocol RouterObserver: Sendable {
    func noted(_ note: RouterNote)
    /// Something was appended.
    func progressed(_ partition: Int32)
}

/// Something about one partition that is worth a line in the program's log.
public struct RouterNote: Sendable {
    public enum Kind: String, Sendable {
        /// Read to its end, and ours.
        case owned
        /// Another owner has it; nothing more is sent.
        case fenced
        /// The log failed: the state is thrown away, and everything is folded again.
        case restarting
        /// It cannot go on without somebody's help.
        case halted
        case left
        /// A record that is no event, or that lies on a wrong partition.
        case unread
        /// A snapshot could not be kept or used, which costs only time.
        case snapshot
        /// The end of an order was asked for at a stop, and the log is away.
        case unwritten
    }

    public let kind: Kind
    public let partition: Int32
    public let text: String

    public init(_ kind: Kind, _ partition: Int32, _ text: String) {
        self.kind = kind
        self.partition = partition
        self.text = text
    }
}
