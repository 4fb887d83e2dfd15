internal import Core
internal import Glibc

/// The listening end of `control.sock`.
///
/// To be made by whoever holds the journal's lock, so a socket that is already there was left behind by a holder that
/// died.
final class ControlListener: Sendable {
    private let folder: Descriptor
    private let socket: Descriptor

    init(_ path: String) throws(LogError) {
        do throws(FileError) {
            folder = try ControlSocket.open(folder: path)
            socket = try ControlSocket.make()
            _ = unsafe unlinkat(folder.number, ControlSocket.name, 0)
            if let code = ControlSocket.bind(socket, in: folder) { throw FileError("bind", ControlSocket.name, code) }
            // Nobody can connect before `listen`, so nobody slips in before the mode is right.
            guard unsafe fchmodat(folder.number, ControlSocket.name, 0o600, 0) == 0,
                listen(socket.number, Int32(SOMAXCONN)) == 0
            else { throw FileError("listen", ControlSocket.name, errno) }
        } catch { throw error.during(.open) }
    }

    var wanted: pollfd { pollfd(fd: socket.number, events: Int16(POLLIN), revents: 0) }

    enum Arrival {
        case peer(Descriptor)
        case nobody
        /// No descriptor or memory is left for it now.
        case noRoom
    }

    func accept() -> Arrival {
        while true {
            let number = Glibc.accept(socket.number, nil, nil)
            if number >= 0 {
                _ = fcntl(number, F_SETFL, O_NONBLOCK)
                _ = fcntl(number, F_SETFD, FD_CLOEXEC)
                return .peer(Descriptor(number))
            }
            switch errno {
            case EINTR, ECONNABORTED: continue
            case EAGAIN: return .nobody
            default: return .noRoom
            }
        }
    }

    /// Takes the name away.
    ///
    /// To be called while the lock is still held: afterwards it may be another holder's.
    func remove() { _ = unsafe unlinkat(folder.number, ControlSocket.name, 0) }
}
