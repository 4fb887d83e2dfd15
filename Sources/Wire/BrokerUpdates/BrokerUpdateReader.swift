public import Core
internal import Digest
internal import Domain
internal import JSON

/// Reads messages of the trade-updates topics as foreign forwarders write them.
///
/// It accepts the forwarder's envelope in camelCase and snake_case, versions 1 and 2, Alpaca's raw frame, an object
/// with an `order`, and an order alone. Numbers may be texts or numbers.
public struct BrokerUpdateReader: ~Copyable {
    /// The whole message stands inside an event of ours, which is read with the usual depth.
    private var parser = JSONParser(limits: JSONLimits(maximumDepth: JSONLimits().maximumDepth - 4))
    private let defaultAccount: AccountLabel

    /// Messages that name no account belong to `defaultAccount`: the account whose stream feeds the topic.
    public init(defaultAccount: AccountLabel) { self.defaultAccount = defaultAccount }

    public mutating func read(_ bytes: [UInt8]) throws(BrokerUpdateRefusal) -> BrokerUpdate {
        // Safe: bytes are plain integers.
        try unsafe read(bytes.span.bytes)
    }

    public mutating func read(_ bytes: RawSpan) throws(BrokerUpdateRefusal) -> BrokerUpdate {
        let account = defaultAccount
        let root: JSONValue
        do { root = try parser.parse(bytes) } catch { throw .malformed(.of(error)) }
        let raw: CompactJSON
        do { raw = try CompactJSON(root) } catch { throw .malformed(error.reason) }
        guard root.kind == .object else { throw .malformed(root.kind.isNot("an object")) }
        return try Self.read(LooseObject(root, ""), raw, account)
    }

    /// Finds the shape.
    ///
    /// A payload may itself be a frame: some forwarders pass on what they get.
    private static func read(
        _ root: LooseObject, _ raw: CompactJSON, _ account: AccountLabel
    ) throws(BrokerUpdateRefusal) -> BrokerUpdate {
        if root.says("stream", channel), let data = root.object("data") {
            return try BrokerUpdateFields(root, data).update(.rawFrame, raw, account)
        }
        let isOurs = root.says("channel", channel) || !root.has("channel")
        if isOurs, let payload = root.object("payload") {
            let shape = shape(of: root)
            if payload.says("stream", channel), let data = payload.object("data") {
                return try BrokerUpdateFields(root, data).update(shape, raw, account)
            }
            return try BrokerUpdateFields(root, payload).update(shape, raw, account)
        }
        guard !root.has("channel"), !root.has("stream") else { throw .missingPayload }
        if root.object("order") != nil { return try BrokerUpdateFields(root, root).update(.bareOrder, raw, account) }
        let isOrder = root.has("status") && (root.has("id") || root.has("order_id") || root.has("client_order_id"))
        guard isOrder else { throw .missingPayload }
        return try BrokerUpdateFields(root, root).update(.orderObject, raw, account)
    }

    private static let channel = "trade_updates"

    /// The simulator writes both spellings of the label and snake_case times.
    private static func shape(of envelope: LooseObject) -> UpdateShape {
        if envelope.has("event_ts") || envelope.has("ingest_ts") { return .envelopeSnakeCase }
        let isCamel = envelope.has("eventTs") || envelope.has("ingestTs") || envelope.has("accountLabel")
        return isCamel ? .envelopeCamelCase : .envelopeSnakeCase
    }
}
