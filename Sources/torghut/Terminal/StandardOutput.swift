import Glibc
import Synchronization

/// Whoever read our output has gone: the program ends quietly.
struct BrokenPipe: Error {}

/// Standard output in large pieces, straight to the descriptor.
struct StandardOutput: Sendable {
    /// A writer that gathers lines hands them over at this size.
    static let pieceBytes = 256 << 10

    func write(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            // Safe: the pointer is used only inside the call.
            let written = unsafe rest.withUnsafeBytes { unsafe Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if written > 0 {
                rest = rest.dropFirst(written)
                continue
            }
            switch errno {
            case EINTR: continue
            case EAGAIN:
                var ready = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
                _ = unsafe poll(&ready, 1, -1)
            case EPIPE: throw BrokenPipe()
            default: throw TerminalError(description: "cannot write to standard output: \(TerminalError.text(errno))")
            }
        }
    }

    static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    func line(_ text: String) throws { try write(Array((text + "\n").utf8)) }
}

/// Standard input or output failed.
struct TerminalError: Error, CustomStringConvertible {
    let description: String

    static func text(_ code: Int32) -> String { unsafe String(cString: strerror(code)) }
}

/// Lines for a person, beside the output.
enum StandardError {
    static func line(_ text: String) { raw(text + "\n") }

    /// There is nobody to tell when this fails.
    static func raw(_ text: String) {
        let bytes = Array(text.utf8)
        _ = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }
}
