/// Makes identities with a hash function that is handed in: this room has none, and its rules need ids.
///
/// The function is SHA-256 wherever an id leaves the process; `docs/identity.md` says what is hashed.
public struct Mint: Sendable {
    public let digest: @Sendable ([UInt8]) -> ContentHash

    public init(digest: @escaping @Sendable ([UInt8]) -> ContentHash) { self.digest = digest }

    /// The id of an event whose origin is known.
    public func eventID(_ origin: EventOrigin) -> EventID { uuid(origin.canonicalText) }

    /// The id of an intent, which is one for each decision of an account.
    public func intentID(of decision: DecisionHash, account: String) -> IntentID {
        uuid(CanonicalText("torghut.intent.v1", [("account_label", account), ("decision_hash", "\(decision)")]).bytes)
    }

    /// The id of an attempt: the intent and its number, so that a restart prepares the same one again.
    public func attemptID(of intent: IntentID, attempt: Int64) -> AttemptID {
        uuid(CanonicalText("torghut.attempt.v1", [("intent_id", "\(intent)"), ("attempt", "\(attempt)")]).bytes)
    }

    /// The first sixteen bytes of a text's digest, as a UUID of version 8.
    public func uuid<Kind>(_ text: [UInt8]) -> UUID128<Kind> {
        let words = digest(text).words
        return UUID128(hashed: words.0, words.1)
    }
}
