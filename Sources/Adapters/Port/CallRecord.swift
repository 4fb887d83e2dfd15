public import Core
public import Domain

/// One call as it went: what was sent, what came, how long it took.
public struct CallRecord: Sendable, Equatable {
    /// Status, code and reason of the answer, and the time it took.
    public var reply: AdapterReply
    /// The whole answer, when it was JSON.
    public var rawReply: CompactJSON?
    /// When the last request was let go on a connection that stood, so that its bytes could leave; `nil` when none was.
    public var sentAt: Timestamp?
    /// Bytes that were handed to the connection.
    public var sentBytes: Int64
    /// Requests that were made: more than one only after a 429.
    public var tries: Int
    /// The other side did not accept who we are: the adapter is unhealthy.
    public var credentialsRefused: Bool
    /// What the other side says that it speaks, where it was asked how it is.
    public var contractVersion: Label?

    public init(
        reply: AdapterReply = AdapterReply(), rawReply: CompactJSON? = nil, sentAt: Timestamp? = nil,
        sentBytes: Int64 = 0, tries: Int = 0, credentialsRefused: Bool = false
    ) {
        self.reply = reply
        self.rawReply = rawReply
        self.sentAt = sentAt
        self.sentBytes = sentBytes
        self.tries = tries
        self.credentialsRefused = credentialsRefused
    }

    mutating func note(code: String? = nil, reason: String? = nil) {
        if let code { reply.code = BoundedText.code(code) }
        if let reason { reply.reason = BoundedText.prose(reason) }
    }
}

/// Text from outside, cut to what an event takes.
enum BoundedText {
    static func code(_ text: String) -> Code? {
        let plain = text.unicodeScalars.filter { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) }
        do { return try Code(cut(String(String.UnicodeScalarView(plain)), 256)) } catch { return nil }
    }

    static func prose(_ text: String) -> Prose? {
        do { return try Prose(cut(text.filter { $0 != "\0" }, 1_000)) } catch { return nil }
    }

    static func label(_ text: String) -> Label? {
        do { return try Label(cut(text, 128)) } catch { return nil }
    }

    private static func cut(_ text: String, _ limit: Int) -> String {
        guard text.utf8.count > limit else { return text }
        var kept = text.prefix(limit)
        while kept.utf8.count > limit { kept = kept.dropLast() }
        return String(kept)
    }
}
