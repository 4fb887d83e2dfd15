internal import Core
internal import Glibc

/// Gets a thread out of `poll`: a ring is never lost, and many rings are one.
final class WakePipe: Sendable {
    private let reading: Descriptor
    private let writing: Descriptor

    init() throws(FileError) {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else { throw FileError("pipe", ControlSocket.name, errno) }
        reading = Descriptor(ends[0])
        writing = Descriptor(ends[1])
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
    }

    var wanted: pollfd { pollfd(fd: reading.number, events: Int16(POLLIN), revents: 0) }

    /// A full pipe rings already.
    func ring() { _ = unsafe write(writing.number, [1], 1) }

    func quiet() {
        var scratch = [UInt8](repeating: 0, count: 64)
        while unsafe read(reading.number, &scratch, scratch.count) > 0 {}
    }
}
