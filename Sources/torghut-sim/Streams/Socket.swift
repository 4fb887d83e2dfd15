import Glibc

/// A TCP socket that is closed exactly once, by its owner.
final class Socket: Sendable {
    let number: Int32

    struct Problem: Error, CustomStringConvertible {
        let what: String
        let code: Int32
        var description: String { "\(what): error \(code)" }
    }

    init(owning number: Int32) {
        self.number = number
        _ = fcntl(number, F_SETFD, FD_CLOEXEC)
    }

    deinit { close(number) }

    func unblock() { _ = fcntl(number, F_SETFL, O_NONBLOCK) }

    private static func address(_ host: String, _ port: UInt16) -> sockaddr_in? {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        let text = host == "localhost" ? "127.0.0.1" : host
        guard unsafe inet_pton(AF_INET, text, &address.sin_addr) == 1 else { return nil }
        return address
    }

    private static func make() throws(Problem) -> Socket {
        let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard number >= 0 else { throw Problem(what: "no socket", code: errno) }
        return Socket(owning: number)
    }

    private static let length = socklen_t(MemoryLayout<sockaddr_in>.size)

    /// Listens on this machine; the answer has the port that was taken.
    static func listening(on port: UInt16) throws(Problem) -> (Socket, UInt16) {
        let listener = try make()
        var yes: Int32 = 1
        _ = unsafe setsockopt(
            listener.number, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        guard var address = address("127.0.0.1", port) else { throw Problem(what: "no address", code: 0) }
        var length = length
        // Safe: an address of IPv4 is what the system expects for a socket of IPv4, with its own length.
        let isListening = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe bind(listener.number, address, length) == 0 && listen(listener.number, 64) == 0
                    && getsockname(listener.number, address, &length) == 0
            }
        }
        guard isListening else { throw Problem(what: "cannot listen on port \(port)", code: errno) }
        listener.unblock()
        return (listener, UInt16(bigEndian: address.sin_port))
    }

    /// Blocks until the other side answers or refuses: on one machine that is at once.
    static func connected(to host: String, _ port: UInt16) throws(Problem) -> Socket {
        let connection = try make()
        guard var address = address(host, port) else { throw Problem(what: "'\(host)' is no IPv4 address", code: 0) }
        let length = length
        // Safe: as above.
        let isOpen = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe connect(connection.number, address, length) == 0
            }
        }
        guard isOpen else { throw Problem(what: "nobody listens on \(host):\(port)", code: errno) }
        connection.unblock()
        return connection
    }

    func accepted() -> Socket? {
        let number = accept(number, nil, nil)
        guard number >= 0 else { return nil }
        let connection = Socket(owning: number)
        connection.unblock()
        return connection
    }

    enum Got {
        case bytes([UInt8])
        case nothing
        case end
    }

    func read(upTo limit: Int) -> Got {
        var buffer = [UInt8](repeating: 0, count: limit)
        let count = unsafe Glibc.read(number, &buffer, limit)
        if count > 0 { return .bytes(Array(buffer.prefix(count))) }
        return count < 0 && (errno == EAGAIN || errno == EINTR) ? .nothing : .end
    }

    /// How many went out; `nil` when the other side is gone.
    func write(_ bytes: ArraySlice<UInt8>) -> Int? {
        let count = unsafe bytes.withUnsafeBytes { bytes in
            unsafe send(number, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
        }
        if count >= 0 { return count }
        return errno == EAGAIN || errno == EINTR ? 0 : nil
    }

    func endWriting() { _ = shutdown(number, Int32(SHUT_WR)) }
}
