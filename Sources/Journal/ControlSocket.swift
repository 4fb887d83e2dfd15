internal import Core
internal import Glibc

/// Making and reaching `control.sock`.
///
/// A socket's path may have 107 bytes, and a journal may lie deeper than that: both sides go through a descriptor
/// of its folder (`/proc/self/fd/N/control.sock`), which is always short.
enum ControlSocket {
    static func listen(in folder: JournalFolder) throws(FileError) -> Int32 {
        let socket = try make()
        // The mode the socket's file is born with: nobody else can connect, not even for a moment.
        guard fchmod(socket, 0o600) == 0, unsafe (unlink(folder.control) == 0) || errno == ENOENT else {
            return try fail(socket, "unlink", folder.control)
        }
        guard try unsafe withAddress(in: folder, { unsafe bind(socket, $0, $1) }) == 0 else {
            return try fail(socket, "bind", folder.control)
        }
        guard Glibc.listen(socket, 64) == 0 else { return try fail(socket, "listen", folder.control) }
        return socket
    }

    static func connect(in folder: JournalFolder) throws(FileError) -> Int32 {
        let socket = try make()
        guard try unsafe withAddress(in: folder, { unsafe Glibc.connect(socket, $0, $1) }) == 0 else {
            return try fail(socket, "connect", folder.control)
        }
        return socket
    }

    /// Whether the process at the other end belongs to the same user.
    static func isOwn(_ socket: Int32) -> Bool {
        // `struct ucred`: process, user and group, which Glibc's module does not export.
        var credentials: (pid: Int32, user: UInt32, group: UInt32) = (0, 0, 0)
        var length = socklen_t(12)
        let answered = unsafe getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &length)
        return answered == 0 && credentials.user == geteuid()
    }

    private static func make() throws(FileError) -> Int32 {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        let made = socket(AF_UNIX, type, 0)
        guard made >= 0 else { throw FileError("socket", "control.sock", errno) }
        return made
    }

    private static func fail(_ socket: Int32, _ call: String, _ path: String) throws(FileError) -> Int32 {
        let code = errno
        close(socket)
        throw FileError(call, path, code)
    }

    private static func withAddress(
        in folder: JournalFolder, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) throws(FileError) -> Int32 {
        let descriptor = unsafe open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError("open", folder.path, errno) }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let path = Array("/proc/self/fd/\(descriptor)/control.sock".utf8)
        // Safe: the path is far shorter than the field, which is zeros behind it.
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path) }
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
