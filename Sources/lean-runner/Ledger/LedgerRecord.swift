import Core
import Domain
import JSON

/// One record of the ledger's journal: an entry as it is from now on, or the newest epoch of a scope.
///
/// Each says all there is to say, so that the records before it may go.
enum LedgerRecord: Sendable, Equatable {
    case entry(LedgerEntry)
    case epoch(Int64, scope: String)
    /// Written to see that something can be written.
    case probe(Timestamp)
    /// When the ledger was begun.
    case birth(Timestamp)

    /// Deeper than any answer that is taken from a broker: what was written must be readable.
    static let limits = JSONLimits(maximumBytes: 4 << 20, maximumDepth: Document.brokerLimits.maximumDepth + 8)

    static let topic = "lean-runner.ledger.v1"

    struct Unreadable: Error, CustomStringConvertible {
        let what: String
        var description: String { "a record of the ledger cannot be read: \(what)" }
    }

    /// The journal's key: records of one order belong together.
    var key: String {
        switch self {
        case .entry(let entry): entry.clientOrderID.text
        case .epoch(_, let scope): "epoch:" + scope
        case .probe: "probe"
        case .birth: "birth"
        }
    }

    var bytes: [UInt8] {
        switch self {
        case .entry(let entry): Self.bytes(of: entry)
        case .epoch(let epoch, let scope):
            Document.object([
                "type": .string("epoch"), "scope": .string(scope), "epoch": .integer(epoch),
            ]).bytes
        case .probe(let time): Document.object(["type": .string("probe"), "at": .string(time.description)]).bytes
        case .birth(let time): Document.object(["type": .string("birth"), "at": .string(time.description)]).bytes
        }
    }

    private static func bytes(of entry: LedgerEntry) -> [UInt8] {
        var json = JSONWriter(reserving: 512 + (entry.answer?.body.count ?? 0))
        json.object { json in
            let texts: [(StaticString, String?)] = [
                ("type", "entry"), ("stage", entry.stage.rawValue), ("client_order_id", entry.clientOrderID.text),
                ("key", entry.key), ("body_hash", entry.bodyHash.hex), ("at", entry.changedAt.description),
                ("deadline", entry.deadline?.description),
            ]
            for (name, text) in texts {
                guard let text else { continue }
                json.key(name)
                json.string(text)
            }
            guard let answer = entry.answer else { return }
            json.key("status")
            json.integer(answer.status)
            json.key("answer")
            json.raw(answer.body)
        }
        return json.finish()
    }

    init(_ bytes: [UInt8]) throws(Unreadable) {
        let document: Document
        do { document = try Document(bytes, limits: Self.limits) } catch { throw Unreadable(what: "\(error)") }
        switch document["type"]?.string {
        case "entry": self = .entry(try Self.entry(document))
        case "epoch":
            guard let epoch = document["epoch"]?.int64, let scope = document["scope"]?.string else {
                throw Unreadable(what: "an epoch without its number")
            }
            self = .epoch(epoch, scope: scope)
        case "probe": self = .probe(try Self.time(document))
        case "birth": self = .birth(try Self.time(document))
        case let type: throw Unreadable(what: "its type is \(type ?? "missing")")
        }
    }

    init(_ entry: LedgerEntry) { self = .entry(entry) }

    private static func time(_ document: Document, _ name: String = "at") throws(Unreadable) -> Timestamp {
        do { return try Timestamp(document[name]?.string ?? "") } catch { throw Unreadable(what: "its time \(name)") }
    }

    private static func entry(_ document: Document) throws(Unreadable) -> LedgerEntry {
        guard let stage = document["stage"]?.string.flatMap(LedgerEntry.Stage.init(rawValue:)),
            let hash = document["body_hash"]?.string.flatMap([UInt8].init(hex:))
        else { throw Unreadable(what: "an entry without its stage") }
        let id: ClientOrderID
        do { id = try ClientOrderID(document["client_order_id"]?.string ?? "") } catch {
            throw Unreadable(what: "\(error)")
        }
        var answer: StoredAnswer?
        if let status = document["status"]?.int64, let body = document["answer"] {
            answer = StoredAnswer(status: Int(status), body: body.bytes)
        }
        return LedgerEntry(
            clientOrderID: id, key: document["key"]?.string, bodyHash: hash, stage: stage,
            changedAt: try time(document), answer: answer,
            deadline: document["deadline"] == nil ? nil : try time(document, "deadline"))
    }
}

extension [UInt8] {
    private static let digits = Array("0123456789abcdef".utf8)

    var hex: String {
        String(decoding: flatMap { [Self.digits[Int($0 >> 4)], Self.digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    init?(hex text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count.isMultiple(of: 2) else { return nil }
        var result: [UInt8] = []
        for index in stride(from: 0, to: bytes.count, by: 2) {
            guard let high = Self.digits.firstIndex(of: bytes[index]),
                let low = Self.digits.firstIndex(of: bytes[index + 1])
            else { return nil }
            result.append(UInt8(high << 4 | low))
        }
        self = result
    }
}
