/// Where an event comes from, which makes its id: the same origin gives the same id, however often it is asked.
public enum EventOrigin: Sendable, Equatable {
    /// One record on the log made it; the cause's ordinal tells several apart.
    case record(Cause, EventType)
    /// A state machine reached a step. Completions leave out of order, so no position tells them apart: the id of
    /// their attempt or letter and the step's name do.
    case step(of: String, String)
    /// Somebody outside gave it a name of its own: an idempotency key, a broker's event id.
    case outside(source: String, key: String)

    /// The bytes that the id is made from.
    public var canonicalText: [UInt8] {
        switch self {
        case .record(let cause, let type):
            CanonicalText(
                "torghut.event.record.v1",
                [("record", cause.place), ("event_type", type.name), ("ordinal", String(cause.ordinal))]
            ).bytes
        case .step(let machine, let step):
            CanonicalText("torghut.event.step.v1", [("of", machine), ("step", step)]).bytes
        case .outside(let source, let key):
            CanonicalText("torghut.event.outside.v1", [("source", source), ("key", key)]).bytes
        }
    }
}

/// What makes a row of a read model the row it is.
public struct RowIdentity: Sendable, Equatable {
    public let table: String
    public let account: String
    public let key: String

    public init(table: String, account: String, key: String) {
        self.table = table
        self.account = account
        self.key = key
    }

    public var canonicalText: [UInt8] {
        CanonicalText("torghut.row.v1", [("table", table), ("account_label", account), ("key", key)]).bytes
    }
}
