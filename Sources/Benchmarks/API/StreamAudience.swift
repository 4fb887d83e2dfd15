import Glibc
import Synchronization

/// Clients that listen to the stream of events, all read by one thread, which counts what each of them gets.
final class StreamAudience: Sendable {
    struct Client: Sendable {
        fileprivate var socket: Int32
        /// What is still to come of the chunk that is being read; `nil` before the first.
        fileprivate var left = 0
        fileprivate var size: [UInt8] = []
        fileprivate var isBody = false
        /// How much of the mark the line began with; -1 when it began otherwise.
        fileprivate var matched = 0
        /// Records, and the snapshot before them.
        var events = 0
        var bytes = 0
        var hasEnded = false
    }

    private struct State {
        var clients: [Client]
        var isStopping = false
        var arrivals: [ContinuousClock.Instant] = []
    }

    private let state: Mutex<State>

    init(_ count: Int, port: UInt16) {
        var sockets = Sockets()
        let clients = (0..<count).map { _ in
            let socket = sockets.connect(to: port)
            Sockets.send("GET /trading/stream HTTP/1.1\r\nHost: localhost\r\n\r\n", to: socket)
            return Client(socket: socket)
        }
        state = Mutex(State(clients: clients))
        Thread.detach { [self, sockets] in read(sockets) }
    }

    var clients: [Client] { state.withLock { $0.clients } }

    /// When the first client had got so many events, for each number of them.
    var arrivals: [ContinuousClock.Instant] { state.withLock { $0.arrivals } }

    func stop() { state.withLock { $0.isStopping = true } }

    private func read(_ sockets: Sockets) {
        var sockets = sockets
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        while true {
            let ready = sockets.ready(within: .milliseconds(100))
            let isStopping = state.withLock { state in
                for number in ready where !state.clients[number].hasEnded {
                    // Safe: the kernel writes no more than the buffer holds.
                    let count = unsafe buffer.withUnsafeMutableBytes {
                        unsafe recv(state.clients[number].socket, $0.baseAddress, $0.count, 0)
                    }
                    guard count > 0 else {
                        state.clients[number].hasEnded = true
                        close(state.clients[number].socket)
                        sockets.forget(number)
                        continue
                    }
                    let before = state.clients[number].events
                    state.clients[number].take(buffer[0..<count])
                    guard number == 0 else { continue }
                    let now = ContinuousClock.now
                    for _ in before..<state.clients[0].events { state.arrivals.append(now) }
                }
                return state.isStopping
            }
            guard !isStopping else { break }
        }
        state.withLock { state in for client in state.clients where !client.hasEnded { close(client.socket) } }
    }
}

extension StreamAudience.Client {
    /// Reads through chunks.
    fileprivate mutating func take(_ bytes: ArraySlice<UInt8>) {
        self.bytes += bytes.count
        var index = bytes.startIndex
        while index < bytes.endIndex {
            guard isBody else {
                skipHead(bytes, &index)
                continue
            }
            guard left > 0 else {
                readSize(bytes, &index)
                continue
            }
            let end = min(index + left, bytes.endIndex)
            left -= end - index
            count(bytes[index..<end])
            index = end
        }
    }

    private mutating func skipHead(_ bytes: ArraySlice<UInt8>, _ index: inout Int) {
        size.append(bytes[index])
        index += 1
        guard size.suffix(4) == [13, 10, 13, 10] else { return }
        precondition(size.starts(with: Array("HTTP/1.1 200".utf8)), "refused: \(String(decoding: size, as: UTF8.self))")
        isBody = true
        size = []
    }

    private mutating func readSize(_ bytes: ArraySlice<UInt8>, _ index: inout Int) {
        let byte = bytes[index]
        index += 1
        if byte != 10 {
            if byte != 13 { size.append(byte) }
        } else if !size.isEmpty {
            left = Int(String(decoding: size, as: UTF8.self), radix: 16) ?? 0
            size = []
        }
    }

    /// Counts the lines that bring a record, or the snapshot before them: lag and heartbeats have no place in the log.
    private mutating func count(_ bytes: ArraySlice<UInt8>) {
        let mark = Self.mark
        // Safe: the pointer is used inside the closure, and every index lies within the buffer.
        unsafe bytes.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return }
            var at = 0
            while at < bytes.count {
                let newline = unsafe memchr(start + at, 10, bytes.count - at)
                let end = unsafe newline.map { unsafe UnsafeRawPointer($0) - start } ?? bytes.count
                while matched >= 0, matched < mark.count, at < end {
                    matched = unsafe bytes[at] == mark[matched] ? matched + 1 : -1
                    at += 1
                }
                at = end + 1
                guard unsafe newline != nil else { break }
                if matched == mark.count { events += 1 }
                matched = 0
            }
        }
    }

    private static let mark = Array("data: {\"position\"".utf8)
}

/// A thread of its own, for work that blocks.
enum Thread {
    private final class Work {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    static func detach(_ run: @escaping @Sendable () -> Void) {
        var thread = pthread_t()
        // Safe: the thread takes over the reference that is handed to it.
        let made = unsafe pthread_create(
            &thread, nil,
            { context in
                guard let context = unsafe context else { return nil }
                unsafe Unmanaged<Work>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, Unmanaged.passRetained(Work(run)).toOpaque())
        precondition(made == 0, "no thread")
        pthread_detach(thread)
    }
}
