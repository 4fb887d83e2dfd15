internal import Core
internal import Glibc

/// A frame on `control.sock`: length of the rest (u32), kind (u8), body.
struct ControlFrame {
    /// Fits the largest append with its framing; a longer frame is refused before anything is read of it.
    static let maximumBytes = LogLimits.maximumAppendBytes + LogLimits.maximumAppendRecords * 300 + (1 << 20)

    enum Kind: UInt8 {
        case append = 1
        case create, adjust, delete, writer, closeWriter
        case done = 64
        case failed
    }

    let kind: Kind
    let body: [UInt8]

    struct Broken: Error {
        let what: String
        var atEnd = false
    }

    /// Reads one frame. Waiting for its first byte may last; once begun it must be complete within the time.
    static func read(from socket: Int32, within seconds: Duration, idle: Duration?) throws(Broken) -> ControlFrame {
        var clock = FrameClock(idle)
        let first = try receive(socket, 1, &clock)
        clock = FrameClock(seconds)
        let rest = try receive(socket, 4, &clock)
        var reader = ByteReader(first + rest)
        do {
            let length = Int(try reader.take(UInt32.self))
            guard let kind = Kind(rawValue: try reader.take(UInt8.self)) else { throw Broken(what: "unknown frame") }
            guard length >= 1, length <= maximumBytes else { throw Broken(what: "a frame of \(length) bytes") }
            return ControlFrame(kind: kind, body: try receive(socket, length - 1, &clock))
        } catch let broken as Broken {
            throw broken
        } catch {
            throw Broken(what: "a frame was cut short")
        }
    }

    func write(to socket: Int32, within seconds: Duration) throws(Broken) {
        var writer = ByteWriter()
        writer.put(UInt32(body.count + 1))
        writer.put(kind.rawValue)
        let bytes = writer.bytes + body
        let clock = FrameClock(seconds)
        var done = 0
        while done < bytes.count {
            try clock.wait(for: socket, Int16(POLLOUT))
            let sent = unsafe bytes.withUnsafeBytes {
                let rest = unsafe UnsafeRawBufferPointer(rebasing: $0[done...])
                return unsafe send(socket, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
            }
            if sent < 0 && (errno == EINTR || errno == EAGAIN) { continue }
            guard sent > 0 else { throw Broken(what: "the other side is gone") }
            done += sent
        }
    }

    private static func receive(_ socket: Int32, _ count: Int, _ clock: inout FrameClock) throws(Broken) -> [UInt8] {
        var bytes: [UInt8] = []
        // What arrives is what is kept: a length alone reserves nothing.
        var buffer = [UInt8](repeating: 0, count: min(count, 1 << 16))
        while bytes.count < count {
            try clock.wait(for: socket, Int16(POLLIN))
            let wanted = min(count - bytes.count, buffer.count)
            let got = unsafe buffer.withUnsafeMutableBytes {
                unsafe recv(socket, $0.baseAddress, wanted, Int32(MSG_DONTWAIT))
            }
            if got < 0 && (errno == EINTR || errno == EAGAIN) { continue }
            guard got > 0 else { throw Broken(what: "the other side is gone", atEnd: bytes.isEmpty) }
            bytes.append(contentsOf: buffer[..<got])
        }
        return bytes
    }
}

/// The time that is left for one frame.
private struct FrameClock {
    private let deadline: ContinuousClock.Instant?

    init(_ limit: Duration?) { deadline = limit.map { ContinuousClock.now + $0 } }

    func wait(for socket: Int32, _ events: Int16) throws(ControlFrame.Broken) {
        while true {
            var left: Int32 = -1
            if let deadline {
                let parts = ContinuousClock.now.duration(to: deadline).components
                let milliseconds = parts.seconds * 1000 + parts.attoseconds / 1_000_000_000_000_000
                guard milliseconds >= 0 else { throw ControlFrame.Broken(what: "timed out inside a frame") }
                left = Int32(clamping: milliseconds + 1)
            }
            var waiting = pollfd(fd: socket, events: events, revents: 0)
            let ready = unsafe poll(&waiting, 1, left)
            if ready > 0 { return }
            if ready < 0 && errno != EINTR { throw ControlFrame.Broken(what: "poll failed") }
        }
    }
}
