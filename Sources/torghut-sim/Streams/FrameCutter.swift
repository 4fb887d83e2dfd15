/// Follows a WebSocket's bytes from server to client, so that a cut can fall into the middle of a message.
struct FrameCutter: Sendable {
    private enum Place {
        /// Before the blank line that ends the answer to the handshake; so many of its bytes were seen.
        case handshake(Int)
        case header([UInt8])
        case payload(Int)
    }

    private var place = Place.handshake(0)
    private static let blank = Array("\r\n\r\n".utf8)

    /// Passes over bytes; the answer is the first place inside of a frame, half way through what is left of it.
    mutating func pass(_ bytes: [UInt8]) -> Int? {
        var index = 0
        var found: Int?
        while index < bytes.count {
            switch place {
            case .handshake(let seen):
                let isNext = bytes[index] == Self.blank[seen]
                let now = isNext ? seen + 1 : bytes[index] == Self.blank[0] ? 1 : 0
                place = now == Self.blank.count ? .header([]) : .handshake(now)
                index += 1
            case .header(var header):
                header.append(bytes[index])
                index += 1
                place = Self.length(header).map { $0 == 0 ? .header([]) : .payload($0) } ?? .header(header)
            case .payload(let left):
                let here = min(left, bytes.count - index)
                if found == nil, left > 1 { found = index + max(1, min(here, left / 2)) }
                index += here
                place = left == here ? .header([]) : .payload(left - here)
            }
        }
        return found
    }

    /// Of the payload, once the header is whole; servers do not mask.
    private static func length(_ header: [UInt8]) -> Int? {
        guard header.count >= 2 else { return nil }
        let short = Int(header[1] & 0x7F)
        let more = short == 126 ? 2 : short == 127 ? 8 : 0
        guard header.count == 2 + more else { return nil }
        guard more > 0 else { return short }
        return header[2...].reduce(0) { ($0 << 8 | Int($1)) & Int.max }
    }
}
