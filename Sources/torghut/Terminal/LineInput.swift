import Glibc
import Runtime

/// Lines from standard input, lent from one buffer; blocks its thread, so it lives in an actor with one of its own.
struct LineInput: ~Copyable {
    enum Next {
        /// Where the line lies in `buffer`, without its end.
        case line(Range<Int>)
        case nothingYet
        case end
    }

    /// More than any record needs as base64 with its headers.
    static let maximumLineBytes = 8 << 20
    private static let pieceBytes = 1 << 20

    private(set) var buffer: [UInt8] = []
    private var start = 0
    /// Up to here there is no line end.
    private var searched = 0
    private var ended = false
    private(set) var lines = 0

    /// The next line; `nothingYet` when none is complete at the deadline, without one it waits.
    mutating func next(until deadline: ContinuousClock.Instant?) throws -> Next {
        while true {
            if let end = findEnd() {
                let range = start..<end
                start = end + 1
                searched = start
                lines += 1
                return .line(range)
            }
            if ended {
                guard start < buffer.count else { return .end }
                let range = start..<buffer.count
                start = buffer.count
                lines += 1
                return .line(range)
            }
            guard buffer.count - start <= Self.maximumLineBytes else {
                throw LineError("line \(lines + 1) is longer than maximumLineBytes, \(Self.maximumLineBytes)")
            }
            if let deadline, deadline <= .now { return .nothingYet }
            guard wait(until: deadline) else { return .nothingYet }
            try fill()
        }
    }

    /// Whether a read would block now and no complete line is buffered.
    mutating func isIdle() -> Bool {
        if findEnd() != nil || ended { return false }
        return !wait(until: .now)
    }

    private mutating func findEnd() -> Int? {
        let count = buffer.count - searched
        guard count > 0 else { return nil }
        // Safe: the pointer is used only inside the call.
        let found = unsafe buffer.withUnsafeBytes { bytes -> Int? in
            guard let base = bytes.baseAddress, let hit = unsafe memchr(base + searched, 10, count) else { return nil }
            return unsafe base.distance(to: UnsafeRawPointer(hit))
        }
        if found == nil { searched = buffer.count }
        return found
    }

    private func wait(until deadline: ContinuousClock.Instant?) -> Bool {
        while true {
            var milliseconds: Int32 = -1
            if let deadline {
                let left = ContinuousClock.now.duration(to: deadline) / .milliseconds(1)
                milliseconds = Int32(max(0, min(left.rounded(.up), 1_000_000)))
            }
            var ready = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
            let count = unsafe poll(&ready, 1, milliseconds)
            if count < 0, errno == EINTR { continue }
            return count != 0
        }
    }

    /// Moves what is left to the front and reads behind it.
    private mutating func fill() throws {
        if start > 0 {
            buffer.removeSubrange(..<start)
            searched -= start
            start = 0
        }
        var failure: Int32 = 0
        let piece = unsafe [UInt8](unsafeUninitializedCapacity: Self.pieceBytes) { bytes, count in
            var got = -1
            repeat {
                got = unsafe read(STDIN_FILENO, bytes.baseAddress, Self.pieceBytes)
            } while got < 0 && errno == EINTR
            failure = got < 0 ? errno : 0
            count = max(got, 0)
        }
        guard failure == 0 else {
            throw TerminalError(description: "cannot read standard input: \(TerminalError.text(failure))")
        }
        ended = piece.isEmpty
        buffer += piece
    }
}
