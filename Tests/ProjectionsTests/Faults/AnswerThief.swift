import Foundation
import Synchronization
import Testing

/// Stands between a projector and its server, and can keep the server's answers from it.
///
/// Plain threads and blocking calls: it must go on whatever the test's tasks do.
final class AnswerThief: Sendable {
    /// A connection to us and one on to the server, each carried by a thread for each way.
    private final class Pair: Sendable {
        let client: Int32
        let upstream: Int32
        private let carriers = Atomic<Int>(2)

        init(_ client: Int32, _ upstream: Int32) {
            self.client = client
            self.upstream = upstream
        }

        func end() {
            guard carriers.load(ordering: .acquiring) > 0 else { return }
            shutdown(client, Int32(SHUT_RDWR))
            shutdown(upstream, Int32(SHUT_RDWR))
        }

        /// The last carrier closes both.
        func leave() {
            end()
            guard carriers.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 else { return }
            close(client)
            close(upstream)
        }
    }

    let port: UInt16
    private let listener: Int32
    private let server: UInt16
    private let steals = Atomic<Bool>(false)
    private let pairs = Mutex<[Pair]>([])

    init(to server: UInt16) throws {
        self.server = server
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = Self.loopback(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe bind(listener, address, length) == 0 && listen(listener, 16) == 0
                    && getsockname(listener, address, &length) == 0
            }
        }
        try #require(bound)
        self.listener = listener
        port = UInt16(bigEndian: address.sin_port)
        Thread.detachNewThread {
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0 else { return }
                self.join(client)
            }
        }
    }

    private static func loopback(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }

    private func join(_ client: Int32) {
        let upstream = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = Self.loopback(server)
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let connected = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe connect(upstream, $0, length) }
        }
        guard connected == 0 else {
            close(client)
            close(upstream)
            return
        }
        let pair = Pair(client, upstream)
        pairs.withLock { $0.append(pair) }
        Thread.detachNewThread { self.carry(pair, isAnswer: false) }
        Thread.detachNewThread { self.carry(pair, isAnswer: true) }
    }

    private func carry(_ pair: Pair, isAnswer: Bool) {
        defer { pair.leave() }
        let (source, target) = isAnswer ? (pair.upstream, pair.client) : (pair.client, pair.upstream)
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let got = unsafe read(source, &buffer, buffer.count)
            guard got > 0 else { break }
            if isAnswer, steals.load(ordering: .acquiring) { continue }
            var sent = 0
            while sent < got {
                let wrote = unsafe buffer.withUnsafeBytes { bytes in
                    unsafe send(target, bytes.baseAddress?.advanced(by: sent), got - sent, Int32(MSG_NOSIGNAL))
                }
                guard wrote > 0 else { break }
                sent += wrote
            }
            guard sent == got else { break }
        }
    }

    /// From now on no answer comes through; the connections stay open.
    func steal() { steals.store(true, ordering: .releasing) }

    /// Drops all connections; new ones are carried faithfully.
    func drop() {
        let all = pairs.withLock { pairs in
            defer { pairs = [] }
            return pairs
        }
        for pair in all { pair.end() }
        steals.store(false, ordering: .releasing)
    }

    func end() {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
        drop()
    }
}
