public import Core

/// One process has the broker's only stream, and says how well it is: told when it is taken, renewed, and given back.
public struct StreamLeaseTaken: Payload {
    @inlinable public static var type: EventType { .control(.streamLeaseTaken) }

    public var order: ControlOrder
    public var stream: Label
    public var process: ProcessName
    public var epoch: Int64
    public var expiresAt: Timestamp
    public var readyUntil: Timestamp?
    public var completeUntil: Timestamp?

    @inlinable
    public init(
        order: ControlOrder, stream: Label, process: ProcessName, epoch: Int64, expiresAt: Timestamp,
        readyUntil: Timestamp? = nil, completeUntil: Timestamp? = nil
    ) {
        self.order = order
        self.stream = stream
        self.process = process
        self.epoch = epoch
        self.expiresAt = expiresAt
        self.readyUntil = readyUntil
        self.completeUntil = completeUntil
    }

    @inlinable
    public init(unread: Unread) {
        order = unread()
        stream = unread()
        process = unread()
        epoch = unread()
        expiresAt = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try order.walk(&fields)
        try fields.field("stream", &stream, "Which stream.")
        try fields.field("process", &process, "Who has it.")
        try fields.field("epoch", &epoch, "Which holder, counted up.")
        try fields.field("expires_at", &expiresAt, "When it ends if it is not renewed.")
        try fields.field(
            "ready_until", &readyUntil,
            "How long the stream may be taken for ready without a newer word; null when it is not.")
        try fields.field(
            "complete_until", &completeUntil, "Everything the broker said before this moment is on the log.")
    }
}

extension StreamLeaseTaken {
    /// What the stream of an account's order updates is called.
    public static func updates(of account: AccountLabel) -> Label {
        Label(trusted: "trade_updates:\(account.text)")
    }
}
