public import Core
public import Domain
internal import JSON
internal import Wire

/// Who engaged the kill switch on this machine, why and when: one line of the latch file.
///
/// It carries the id that its event on the log will have, whoever appends it: told twice, it is still one event.
public struct KillNote: Sendable, Equatable {
    public let eventID: EventID
    public let actor: ActorName
    public let reason: Prose
    public let engagedAt: Timestamp

    public init(eventID: EventID, actor: ActorName, reason: Prose, engagedAt: Timestamp) {
        self.eventID = eventID
        self.actor = actor
        self.reason = reason
        self.engagedAt = engagedAt
    }

    /// A note of an order given now by one process.
    public init(by actor: ActorName, for reason: Prose, at now: Timestamp, process: String) {
        let id = EventMint.eventID(.outside(source: "torghut kill", key: "\(process)/\(now.nanoseconds)"))
        self.init(eventID: id, actor: actor, reason: reason, engagedAt: now)
    }

    /// The note of a latch that says nothing readable: somebody made the file by hand, or its bytes were torn.
    ///
    /// The same file gives the same note, so that it is told once.
    static func unsigned(_ path: String, inode: UInt64, changedAt: Timestamp) -> KillNote {
        let key = "\(path)/\(inode)/\(changedAt.nanoseconds)"
        return KillNote(
            eventID: EventMint.eventID(.outside(source: "torghut latch", key: key)),
            actor: unknownActor, reason: unsignedReason, engagedAt: changedAt)
    }

    private static let unknownActor = known { () throws(IdentifierFault) in try ActorName("unknown") }
    private static let unsignedReason = known { () throws(FieldFault) in
        try Prose("the latch file was found, and it does not say who made it")
    }

    /// Our own words keep the rules of words.
    private static func known<Value, Fault>(_ make: () throws(Fault) -> Value) -> Value {
        do { return try make() } catch { fatalError("a word of ours is none: \(error)") }
    }

    /// One line, with its end.
    var line: [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.key("event_id")
            json.string("\(eventID)")
            json.key("actor")
            json.string(actor.text)
            json.key("reason")
            json.string(reason.text)
            json.key("engaged_at")
            json.string("\(engagedAt)")
        }
        return json.finish() + [UInt8(ascii: "\n")]
    }

    /// `nil` when the line is none of ours.
    init?(line: ArraySlice<UInt8>) {
        var parser = JSONParser()
        do {
            let root = try parser.parse(Array(line))
            guard let id = root.field("event_id")?.utf8, let actor = root.field("actor")?.string,
                let reason = root.field("reason")?.string, let moment = root.field("engaged_at")?.string
            else { return nil }
            self.init(
                eventID: try EventID.read(id), actor: try ActorName(actor), reason: try Prose(reason),
                engagedAt: try Timestamp(moment))
        } catch { return nil }
    }
}
