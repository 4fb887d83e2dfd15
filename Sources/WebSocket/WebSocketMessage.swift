/// A whole message: brokers send JSON in both kinds.
public enum WebSocketMessage: Sendable, Equatable {
    case text([UInt8])
    case binary([UInt8])

    public static func text(_ text: String) -> WebSocketMessage { .text(Array(text.utf8)) }

    public var bytes: [UInt8] {
        switch self {
        case .text(let bytes), .binary(let bytes): bytes
        }
    }

    var isBinary: Bool {
        switch self {
        case .text: false
        case .binary: true
        }
    }
}
