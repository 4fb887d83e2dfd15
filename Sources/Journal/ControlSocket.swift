internal import Core
internal import Glibc

/// What a socket call did.
enum Transfer: Equatable {
    case moved(Int)
    case wouldBlock
    case ended
}

/// `control.sock` of a journal's folder.
///
/// The address of such a socket holds 107 bytes of path and folders have longer ones, so the folder is opened and
/// the socket reached through its descriptor.
enum ControlSocket {
    static let name = "control.sock"

    static func make() throws(FileError) -> Descriptor {
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let number = socket(AF_UNIX, kind, 0)
        guard number >= 0 else { throw FileError("socket", name, errno) }
        return Descriptor(number)
    }

    static func open(folder path: String) throws(FileError) -> Descriptor {
        let number = unsafe Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard number >= 0 else { throw FileError("open", path, errno) }
        return Descriptor(number)
    }

    /// Nil when it is connected, else the code of the error.
    static func connect(_ socket: Descriptor, in folder: Descriptor) -> Int32? {
        unsafe withAddress(in: folder) { unsafe Glibc.connect(socket.number, $0, $1) } == 0 ? nil : errno
    }

    static func bind(_ socket: Descriptor, in folder: Descriptor) -> Int32? {
        unsafe withAddress(in: folder) { unsafe Glibc.bind(socket.number, $0, $1) } == 0 ? nil : errno
    }

    private static func withAddress(
        in folder: Descriptor, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        // Always shorter than the field, whose last byte stays zero.
        let path = Array("/proc/self/fd/\(folder.number)/\(name)".utf8)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path) }
        return unsafe withUnsafePointer(to: &address) { pointer in
            // Safe: a socket address is passed as the general type it begins like.
            let general = unsafe UnsafeRawPointer(pointer).assumingMemoryBound(to: sockaddr.self)
            return unsafe body(general, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
    }

    /// The user whose process is at the other end.
    static func peer(of socket: Descriptor) -> uid_t? {
        // `struct ucred`: pid, uid, gid.
        var credentials: [UInt32] = [0, 0, 0]
        var length = socklen_t(12)
        guard unsafe getsockopt(socket.number, SOL_SOCKET, SO_PEERCRED, &credentials, &length) == 0 else { return nil }
        return credentials[1]
    }

    static func receive(_ socket: Descriptor, into scratch: inout [UInt8]) -> Transfer {
        while true {
            let got = unsafe scratch.withUnsafeMutableBytes { unsafe recv(socket.number, $0.baseAddress, $0.count, 0) }
            if got > 0 { return .moved(got) }
            if got == 0 { return .ended }
            if errno == EINTR { continue }
            return errno == EAGAIN ? .wouldBlock : .ended
        }
    }

    static func send(_ socket: Descriptor, _ bytes: [UInt8], from start: Int) -> Transfer {
        while true {
            let put = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.send(
                    socket.number, UnsafeRawBufferPointer(rebasing: buffer[start...]).baseAddress,
                    bytes.count - start, Int32(MSG_NOSIGNAL))
            }
            if put >= 0 { return .moved(put) }
            if errno == EINTR { continue }
            return errno == EAGAIN ? .wouldBlock : .ended
        }
    }

    /// Waits until something can be done, and says which of them what happened to.
    ///
    /// An interrupted wait says nothing.
    static func wait(_ wanted: inout [pollfd], _ limit: Duration) {
        let (seconds, attoseconds) = limit.components
        let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000 + 1
        let ready = unsafe poll(&wanted, nfds_t(wanted.count), Int32(clamping: max(milliseconds, 0)))
        if ready < 0 { for index in wanted.indices { wanted[index].revents = 0 } }
    }
}
