internal import Digest
public import Domain

/// Makes identities from what they are identities of: always the same from the same, on every machine.
public enum EventMint {
    /// What the rules of `Domain` make their ids with.
    public static let mint = Mint { content($0) }

    /// The hash of a decision: its client order id and idempotency key on every route.
    public static func hash(_ decision: DecisionIdentity) -> DecisionHash {
        DecisionHash(digest: SHA256.hash(decision.canonicalText))
    }

    /// The id of an event whose origin is known.
    public static func eventID(_ origin: EventOrigin) -> EventID { mint.eventID(origin) }

    /// The id of a row: version 8, from the account and the row's key.
    public static func rowID(_ row: RowIdentity) -> RowID { mint.uuid(row.canonicalText) }

    /// The id of an intent, which is one for each decision of an account.
    public static func intentID(of decision: DecisionHash, account: String) -> IntentID {
        mint.intentID(of: decision, account: account)
    }

    /// The id of an attempt: the intent and its number, so that a restart prepares the same one again.
    public static func attemptID(of intent: IntentID, attempt: Int64) -> AttemptID {
        mint.attemptID(of: intent, attempt: attempt)
    }

    /// What any bytes hash to.
    public static func content(_ bytes: [UInt8]) -> ContentHash { ContentHash(digest: SHA256.hash(bytes)) }
}

extension EventMint {
    /// An event that follows from another: it carries on the story, names its cause, and is the same each time it is
    /// derived.
    public static func derive(
        _ content: DomainEvent, from parent: Event, at cause: Cause, as change: (inout Envelope) -> Void
    ) -> Event {
        var envelope = parent.envelope
        envelope.eventID = eventID(.record(cause, content.type))
        envelope.causation = parent.envelope.eventID
        envelope.cause = cause
        envelope.window = nil
        change(&envelope)
        return Event(envelope, content)
    }
}
