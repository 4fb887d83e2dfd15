public import Core

/// What a control event applies to; also the key of its record, so that events of one scope keep their order.
public enum Scope: Hashable, Sendable {
    case global
    case lane(Lane)
    case adapter(Adapter)
    case symbol(Symbol)
    case intent(IntentID)
    case strategy(StrategyID)
    case record(Cause)
}

extension Scope: FieldText {
    public static var form: TextForm {
        .pattern("^(global|(lane|adapter|symbol|intent|strategy|record):.+)$", example: "lane:execution")
    }
    @inlinable public static var isPlain: Bool { false }
    public init(unread: Unread) { self = .global }

    public static func read(_ text: RawSpan) throws(FieldFault) -> Scope {
        if isGlobal(text) { return .global }
        var colon = 0
        while colon < text.byteCount, text.byte(at: colon) != UInt8(ascii: ":") { colon += 1 }
        guard colon < text.byteCount, colon <= 8 else { throw FieldFault("no scope: global, or kind:name") }
        // Safe: the bytes are read inside the call.
        let kind = unsafe text.extracting(0..<colon).withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
        let name = text.extracting(colon + 1..<text.byteCount)
        switch kind {
        case "lane": return .lane(try Lane.read(name))
        case "adapter": return .adapter(try Adapter.read(name))
        case "symbol": return .symbol(try Symbol.read(name))
        case "intent": return .intent(try IntentID.read(name))
        case "strategy": return .strategy(try StrategyID.read(name))
        case "record": return .record(try Cause.read(record: name))
        default: throw FieldFault("'\(kind)' is no kind of scope")
        }
    }

    private static func isGlobal(_ text: RawSpan) -> Bool {
        // Safe: the bytes are read inside the call.
        unsafe text.withUnsafeBytes { unsafe $0.elementsEqual("global".utf8) }
    }

    public func append(to text: inout [UInt8]) {
        switch self {
        case .global: text.append(contentsOf: "global".utf8)
        case .lane(let lane): Self.write("lane:", lane, to: &text)
        case .adapter(let adapter): Self.write("adapter:", adapter, to: &text)
        case .symbol(let symbol): Self.write("symbol:", symbol, to: &text)
        case .intent(let intent): Self.write("intent:", intent, to: &text)
        case .strategy(let strategy): Self.write("strategy:", strategy, to: &text)
        case .record(let cause):
            text.append(contentsOf: "record:".utf8)
            text.append(contentsOf: cause.place.utf8)
        }
    }

    private static func write(_ kind: String, _ name: some FieldText, to text: inout [UInt8]) {
        text.append(contentsOf: kind.utf8)
        name.append(to: &text)
    }
}

extension Scope: CustomStringConvertible {
    public var description: String {
        var text: [UInt8] = []
        append(to: &text)
        return String(decoding: text, as: UTF8.self)
    }
}
