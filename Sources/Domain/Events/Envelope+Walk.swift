/// The envelope's fields in two parts, because type and version stand between them.
extension Envelope: FieldRecord {
    @inlinable
    public init(unread: Unread) {
        eventID = unread()
        eventTime = unread()
        ingestTime = unread()
        seq = unread()
        source = unread()
        correlation = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try walkIdentity(&fields)
        try walkContext(&fields)
    }

    @inlinable
    mutating func walkIdentity<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("event_id", &eventID, "Which event this is: the same wherever it lies.")
    }

    @inlinable
    mutating func walkContext<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("event_ts", &eventTime, "When it happened.")
        try fields.field("ingest_ts", &ingestTime, "When it was taken in, or made.")
        try fields.field("account_label", &account, FieldNote("Whose account it is about.", example: "paper"))
        try fields.field("symbol", &symbol, FieldNote("Which symbol it is about.", example: "BTC/USD"))
        try fields.field("seq", &seq, "The writer's own count; it restarts with the writer.")
        try fields.field("source", &source, FieldNote("Which role or producer wrote it.", example: "router"))
        try fields.field("correlation_id", &correlation, "What all events of one story share.")
        try fields.field("causation_id", &causation, "The event that made this one; null for one from outside.")
        try fields.field("cause", &cause, "Where that event lies.")
        try fields.field("window", &window, "The window of time it is about, if there is one.")
    }
}
