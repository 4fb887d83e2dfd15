internal import Glibc

/// A file descriptor with one owner: it is closed when the owner goes, whichever way.
final class Descriptor: Sendable {
    let number: Int32

    init(_ number: Int32) { self.number = number }

    deinit { close(number) }
}
