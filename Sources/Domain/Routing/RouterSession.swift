public import Core

/// What a router knows that the log does not: its epoch, its calls on their way, and the local stop.
///
/// It dies with the process; then every attempt without an outcome is unknown.
public struct RouterSession: Sendable, Equatable {
    public let epoch: Int64
    public let process: ProcessName
    public let source: SourceName
    public var local: LocalStop
    /// When control was last proved to be read to its end.
    public var controlSeenAt: Timestamp?
    /// Places at each adapter that the next step may take: its limit is one for all partitions of a process.
    ///
    /// Without this a partition has the adapters to itself.
    public var room: [Adapter: Int]?
    /// Adapters that had no place for an intent that might have gone.
    public var shortOf: Set<Adapter> = []

    /// Orders whose end was asked for while nothing could be written: said with the cancellation that is.
    public var askedUnwritten: [BrokerOrderID: Timestamp] = [:]

    var calls: [AttemptID: Adapter] = [:]
    var inquiries: [IntentID: Inquiry] = [:]
    var cancels: [IntentID: CancelCall] = [:]
    public internal(set) var lastSentAt: Timestamp?
    var observedKill: EventID?

    public init(
        epoch: Int64, process: ProcessName, source: SourceName, local: LocalStop = .none,
        controlSeenAt: Timestamp? = nil
    ) {
        self.epoch = epoch
        self.process = process
        self.source = source
        self.local = local
        self.controlSeenAt = controlSeenAt
    }

    /// Calls on their way to an adapter.
    public func callCount(to adapter: Adapter) -> Int { calls.count { $0.value == adapter } }

    /// The questions about one attempt whose outcome is not known.
    struct Inquiry: Sendable, Equatable {
        var attemptID: AttemptID
        var lookups: [Lookup] = []
        var asks = 0
        var nextAsk: Timestamp
        var voids = 0
        var nextVoid: Timestamp
        /// The runner says that it did submit: then absence proves nothing.
        var isSubmitted = false

        /// Of more look-ups only the latest are kept: an event holds no more.
        static let maximumLookups = 64

        init(_ attempt: AttemptID, at now: Timestamp) {
            attemptID = attempt
            nextAsk = now
            nextVoid = now
        }
    }

    /// The calls of one cancellation.
    struct CancelCall: Sendable, Equatable {
        let cancelID: EventID
        var tries = 0
        var looks = 0
        var isTaken = false
        var nextTry: Timestamp
        var nextLook: Timestamp

        init(_ cancelID: EventID, at now: Timestamp) {
            self.cancelID = cancelID
            nextTry = now
            nextLook = .latest
        }
    }
}
