internal import Core

/// One message on `control.sock`: a header of 20 bytes (magic, version, kind, length of the body, request id), and
/// the body.
///
/// Replies carry the id of their request; id 0 belongs to the connection itself.
struct ControlFrame: Equatable, Sendable {
    static let magic: UInt32 = 0x4C54_4354  // "TCTL"
    static let version: UInt16 = 1
    static let headerBytes = 20
    /// Fits the largest append with its overhead: 16 MiB of records, 27 bytes around each of 100,000, ten thousand
    /// topics' names and ten thousand positions.
    static let maximumBodyBytes = 32 << 20

    let kind: UInt16
    let request: UInt64
    let body: [UInt8]

    /// Why bytes are not a frame: whoever sent them is told, and then there is no telling where the next one begins.
    enum Flaw: Error, Equatable {
        case notAFrame
        case unknownVersion(UInt16, request: UInt64)
        case tooLong(Int, request: UInt64)
    }
}

extension ControlFrame.Flaw {
    var request: UInt64 {
        switch self {
        case .notAFrame: 0
        case .unknownVersion(_, let request), .tooLong(_, let request): request
        }
    }

    var reason: LogError.Reason {
        switch self {
        case .notAFrame: .refused("this is not a control frame")
        case .unknownVersion(let version, _):
            .refused("control version \(version) is not known here (\(ControlFrame.version)); use the same program")
        case .tooLong(let bytes, _):
            .limitExceeded(
                name: "maximumControlFrameBytes", allowed: ControlFrame.maximumBodyBytes, actual: bytes)
        }
    }
}
