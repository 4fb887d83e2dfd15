import Glibc

/// Sockets of a load generator, all looked after by one thread.
struct Sockets {
    private var polled: [pollfd] = []

    /// A connection to this machine that never blocks; its number is its place among the sockets.
    mutating func connect(to port: UInt16) -> Int32 {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        unsafe inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
        // Safe: the address lives through the call and has the size that is said.
        let result = unsafe withUnsafePointer(to: &address) { address in
            unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe Glibc.connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        precondition(result == 0, "cannot connect to port \(port)")
        var one: Int32 = 1
        unsafe setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
        _ = fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) | O_NONBLOCK)
        polled.append(pollfd(fd: socket, events: Int16(POLLIN), revents: 0))
        return socket
    }

    /// It is not looked at any more.
    mutating func forget(_ number: Int) { polled[number].fd = -1 }

    /// The numbers of those that have something to read, after at most this long.
    ///
    /// `poll` counts in milliseconds: what is shorter is slept in small parts.
    mutating func ready(within limit: Duration) -> [Int] {
        let (seconds, attoseconds) = max(limit, .zero).components
        let milliseconds = Int32(seconds * 1_000 + attoseconds / 1_000_000_000_000_000)
        var count = unsafe poll(&polled, nfds_t(polled.count), milliseconds > 1 ? milliseconds - 1 : 0)
        if count == 0, limit > .zero {
            var rest = timespec(tv_sec: 0, tv_nsec: min(100_000, Int(attoseconds / 1_000_000_000)))
            unsafe nanosleep(&rest, nil)
            count = unsafe poll(&polled, nfds_t(polled.count), 0)
        }
        guard count > 0 else { return [] }
        return polled.indices.filter { polled[$0].revents != 0 }
    }

    static func send(_ text: String, to socket: Int32) {
        let bytes = Array(text.utf8)
        // Safe: the bytes live through the call. A request is far smaller than what a socket takes at once.
        let sent = unsafe bytes.withUnsafeBytes {
            unsafe Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        precondition(sent == bytes.count, "a request did not go out whole")
    }
}
