internal import Core

/// What a journal's holder answers.
enum ControlReply: Equatable, Sendable {
    /// The first frame on every connection: what the holder bears.
    case greeting(ControlGreeting)
    /// An append is durable; the offset of each of its records.
    case offsets([Int64])
    /// A writer was opened; its epoch.
    case writer(UInt64)
    case done
    case failed(LogError)

    func frame(_ request: UInt64) -> [UInt8] {
        var writer = ByteWriter()
        let kind: UInt16
        switch self {
        case .greeting(let greeting):
            kind = 128
            writer.put(UInt32(greeting.requests))
            writer.put(UInt64(greeting.bytes))
            writer.put(UInt64(greeting.idleMilliseconds))
        case .offsets(let offsets):
            kind = 129
            writer.put(UInt32(offsets.count))
            for offset in offsets { writer.put(offset) }
        case .writer(let epoch):
            kind = 130
            writer.put(epoch)
        case .done: kind = 131
        case .failed(let error):
            kind = 132
            error.encode(into: &writer)
        }
        return ControlFrame(kind: kind, request: request, body: writer.bytes).encode()
    }

    static func decode(_ frame: ControlFrame) throws(ByteReader.CutShort) -> ControlReply {
        var reader = ByteReader(frame.body)
        switch frame.kind {
        case 128:
            let greeting = ControlGreeting(
                requests: Int(try reader.take(UInt32.self)), bytes: Int(clamping: try reader.take(UInt64.self)),
                idleMilliseconds: Int(clamping: try reader.take(UInt64.self)))
            return .greeting(greeting)
        case 129:
            var offsets: [Int64] = []
            for _ in 0..<(try reader.count(ofAtLeast: 8)) { offsets.append(try reader.take(Int64.self)) }
            return .offsets(offsets)
        case 130: return .writer(try reader.take(UInt64.self))
        case 131: return .done
        case 132: return .failed(try LogError(from: &reader))
        default: throw ByteReader.CutShort()
        }
    }
}

/// The holder's limits, told to whoever connects, so that a well-behaved peer never meets them.
struct ControlGreeting: Equatable, Sendable {
    /// Requests, and bytes of them, that one connection may have unanswered before the holder stops reading.
    var requests: Int
    var bytes: Int
    /// A connection on which nothing comes for so long is closed.
    var idleMilliseconds: Int
}
