public import Core
public import Domain
internal import JSON
internal import Wire

/// One decision as it is told to the command line or the API: its fields, or a whole event as it lies on the log.
public struct DecisionLine: ~Copyable {
    /// A longer one is refused.
    public static let maximumBytes = 8 << 20

    private var parser = JSONParser(limits: JSONLimits(maximumBytes: DecisionLine.maximumBytes))
    private var decoder = EventDecoder()
    /// Who took it in, when it does not say.
    private let source: String

    public init(source: String = "cli") { self.source = source }

    /// What the envelope takes of a line; everything else belongs to the decision.
    private static let ofEnvelope = ["account_label", "symbol", "event_ts", "source", "correlation_id", "event_id"]
    public static let ofDecision = [
        "decision_hash", "strategy_id", "timeframe", "action", "qty", "notional", "order_type", "time_in_force",
        "limit_price", "stop_price", "trail_price", "trail_percent", "extended_hours", "identity_params", "params",
        "rationale", "reference_quote", "arrival_price", "adapter_hint", "max_slippage_bps", "expires_at",
        "simulation_context",
    ]

    /// A line as the text of an event, and what it gave of its own.
    private struct Framed {
        let text: [UInt8]
        let isWhole: Bool
        let hasHash: Bool
        let hasName: Bool
    }

    /// The decision as an event, taken in now; whatever does not hold is named.
    public mutating func event(_ line: RawSpan, at now: Timestamp) throws(LineError) -> Event {
        let framed = try frame(line, at: now)
        let decoded: Decoded
        do throws(WireError) { decoded = try decoder.decode(framed.text) } catch {
            // The line has no payload of its own: its fields are named as they stand in it.
            let path = framed.isWhole ? error.path : error.path.replacing("$.payload", with: "$")
            throw LineError("\(path): \(error.reason)")
        }
        guard case .event(var event) = decoded, case .decisions(.decisionRecorded(var decision)) = event.content else {
            throw LineError("it is no decision (event_type \(EventType.decisions(.decisionRecorded).name))")
        }
        let hash = try Self.identity(of: decision, event.envelope)
        if framed.hasHash, decision.decisionHash != hash {
            throw LineError("decision_hash is not the hash of this decision's identity, which is \(hash)")
        }
        decision.decisionHash = hash
        event.content = .decisions(.decisionRecorded(decision))
        event.envelope.ingestTime = now
        if !framed.hasName { Self.name(&event, hash) }
        return event
    }

    /// The document is lent by the parser, and gone when this returns.
    private mutating func frame(_ line: RawSpan, at now: Timestamp) throws(LineError) -> Framed {
        // The parser lends the document, and is not to be asked for anything meanwhile.
        let source = source
        let root: JSONValue
        do throws(JSONError) { root = try parser.parse(line) } catch { throw LineError("\(error)") }
        guard root.isOf(.object) else { throw LineError("a line is a JSON object") }
        if root.field("payload") != nil {
            return Framed(text: root.compact, isWhole: true, hasHash: true, hasName: true)
        }
        return Framed(
            text: try Self.framed(root, now, source), isWhole: false, hasHash: root.field("decision_hash") != nil,
            hasName: root.field("event_id") != nil)
    }

    /// The line as an event's text, with zeros where something is worked out below.
    private static func framed(_ root: JSONValue, _ now: Timestamp, _ source: String) throws(LineError) -> [UInt8] {
        guard var fields = root.fields() else { return [] }
        var payload = JSONWriter()
        var given: [String: [UInt8]] = [:]
        payload.beginObject()
        while let field = fields.next() {
            let name = field.name
            guard given[name] == nil else { throw LineError("'\(name)' is given twice") }
            given[name] = field.value.compact
            if ofEnvelope.contains(name) { continue }
            guard ofDecision.contains(name) else {
                throw LineError("unknown field '\(name)'\(nearest(name))")
            }
            payload.key(name)
            payload.raw(field.value.compact)
        }
        if given["decision_hash"] == nil {
            payload.key("decision_hash")
            payload.string(String(repeating: "0", count: 64))
        }
        if given["identity_params"] == nil {
            payload.key("identity_params")
            payload.raw(Array("[]".utf8))
        }
        payload.endObject()
        return frame(given, payload.finish(), now, source)
    }

    private static func frame(
        _ given: [String: [UInt8]], _ payload: [UInt8], _ now: Timestamp, _ source: String
    ) -> [UInt8] {
        let nobody = Array("\"00000000-0000-8000-8000-000000000000\"".utf8)
        var json = JSONWriter()
        json.object { json in
            json.key("event_id")
            json.raw(given["event_id"] ?? nobody)
            json.key("event_type")
            json.string(EventType.decisions(.decisionRecorded).name)
            json.key("version")
            json.integer(DecisionRecorded.currentVersion)
            for name in ["event_ts", "account_label", "symbol"] {
                guard let value = given[name] else { continue }
                json.key(name)
                json.raw(value)
            }
            json.key("ingest_ts")
            json.string(now.description)
            json.key("seq")
            json.integer(0)
            json.key("source")
            json.raw(given["source"] ?? Array("\"\(source)\"".utf8))
            json.key("correlation_id")
            json.raw(given["correlation_id"] ?? nobody)
            json.key("payload")
            json.raw(payload)
        }
        return json.finish()
    }

    private static func identity(
        of decision: DecisionRecorded, _ envelope: Envelope
    ) throws(LineError) -> DecisionHash {
        guard let account = envelope.account, let symbol = envelope.symbol else {
            throw LineError("account_label and symbol are required")
        }
        do {
            return EventMint.hash(
                try DecisionIdentity(
                    account: account, strategy: decision.strategyID, symbol: symbol, eventTime: envelope.eventTime,
                    timeframe: decision.timeframe, action: decision.action, parameters: decision.identityParams))
        } catch { throw LineError("identity_params: \(error)") }
    }

    /// The same decision is the same event, and the beginning of the same story, however often it is submitted.
    private static func name(_ event: inout Event, _ hash: DecisionHash) {
        let id = EventMint.eventID(.outside(source: "torghut decisions submit", key: hash.description))
        event.envelope.eventID = id
        if event.envelope.correlation == StoryID(high: 0x8000, low: 0x8000_0000_0000_0000) {
            event.envelope.correlation = StoryID(high: id.high, low: id.low)
        }
    }

    private static func nearest(_ name: String) -> String {
        NearestWord.to(name, among: ofEnvelope + ofDecision).map { "; did you mean \($0)?" } ?? ""
    }
}

extension JSONValue {
    fileprivate var compact: [UInt8] {
        var bytes: [UInt8] = []
        minify(into: &bytes)
        return bytes
    }
}

/// Why a line cannot be used.
public struct LineError: Error, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}
