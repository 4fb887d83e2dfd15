import Glibc

/// Asks at a fixed rate, whatever the answers do, and counts from the moment at which a request should have gone out: a
/// server that stands still for a second makes every request of that second late, and not just one.
struct OpenLoop {
    let port: UInt16
    let perSecond: Int
    let connections: Int
    let request: (Int) -> String

    private struct Line {
        let socket: Int32
        var bytes: [UInt8] = []
        /// Number of the request it waits for.
        var asked: Int?
        var length: Int?
    }

    struct Outcome {
        /// From the intended moment to the last byte, the shortest first.
        var latencies: [Duration] = []
        var failures = 0
        var bytes = 0

        func share(_ share: Double) -> Duration { latencies[Int(Double(latencies.count - 1) * share)] }
    }

    func run(for time: Duration) -> Outcome {
        var sockets = Sockets()
        var lines = (0..<connections).map { _ in Line(socket: sockets.connect(to: port)) }
        defer { for line in lines { close(line.socket) } }
        let total = Int(time.seconds * Double(perSecond))
        let began = ContinuousClock.now
        var outcome = Outcome()
        outcome.latencies.reserveCapacity(total)
        var (next, answered) = (0, 0)
        var free = Array(lines.indices)
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        func intended(_ number: Int) -> ContinuousClock.Instant { began + .seconds(1) / perSecond * number }
        while answered < total {
            let now = ContinuousClock.now
            while next < total, intended(next) <= now, let line = free.popLast() {
                lines[line].asked = next
                Sockets.send(request(next), to: lines[line].socket)
                next += 1
            }
            let due = next < total && !free.isEmpty ? intended(next) - .now : .milliseconds(100)
            for line in sockets.ready(within: due) {
                guard let (isOK, count) = Self.take(&lines[line], &buffer), let asked = lines[line].asked else {
                    continue
                }
                outcome.latencies.append(.now - intended(asked))
                outcome.failures += isOK ? 0 : 1
                outcome.bytes += count
                lines[line].asked = nil
                free.append(line)
                answered += 1
            }
        }
        outcome.latencies.sort()
        return outcome
    }

    /// Whether it was a 200, and its size, when the answer is whole.
    private static func take(_ line: inout Line, _ buffer: inout [UInt8]) -> (Bool, Int)? {
        // Safe: the kernel writes no more than the buffer holds.
        let count = unsafe buffer.withUnsafeMutableBytes { unsafe recv(line.socket, $0.baseAddress, $0.count, 0) }
        if count < 0, errno == EAGAIN { return nil }
        precondition(count > 0, "the server closed a connection")
        line.bytes += buffer[0..<count]
        if line.length == nil {
            let end: [UInt8] = [13, 10, 13, 10]
            guard let head = line.bytes.firstRange(of: end) else { return nil }
            let text = String(decoding: line.bytes[..<head.lowerBound], as: UTF8.self).lowercased()
            guard let field = text.firstRange(of: "content-length: ") else { preconditionFailure("no length: \(text)") }
            let length = Int(text[field.upperBound...].prefix { $0.isNumber }) ?? 0
            line.length = head.upperBound + length
        }
        guard let length = line.length, line.bytes.count >= length else { return nil }
        defer {
            line.bytes.removeAll(keepingCapacity: true)
            line.length = nil
        }
        return (line.bytes.starts(with: Array("HTTP/1.1 200".utf8)), length)
    }
}
