import Glibc
import Synchronization

/// A file that one part of the house writes its lines to: it is begun anew when it is full, and the full one is kept
/// beside it until the next is.
final class UpLogFile: Sendable {
    static let maximumBytes = 8 << 20

    private struct State {
        var descriptor: Int32
        var bytes: Int
    }

    let path: String
    private let state: Mutex<State>

    init(_ path: String) throws {
        self.path = path
        state = Mutex(try Self.open(path))
    }

    deinit { state.withLock { _ = close($0.descriptor) } }

    /// What does not fit on the disk is lost: nobody waits for a line about himself.
    func write(_ bytes: [UInt8]) {
        state.withLock { state in
            if state.bytes + bytes.count > Self.maximumBytes { turn(&state) }
            var done = 0
            while done < bytes.count {
                // Safe: the pointer is used inside the call, and the range lies within the array.
                let count = unsafe bytes[done...].withUnsafeBytes {
                    unsafe Glibc.write(state.descriptor, $0.baseAddress, $0.count)
                }
                if count > 0 { done += count } else if errno != EINTR { break }
            }
            state.bytes += done
        }
    }

    /// The last lines, for whoever wants to know why something ended.
    func lastLines(_ most: Int) -> [String] {
        guard let file = unsafe fopen(path, "r") else { return [] }
        defer { unsafe fclose(file) }
        var piece = [UInt8](repeating: 0, count: 4_096)
        _ = unsafe fseek(file, 0, SEEK_END)
        let start = max(0, unsafe ftell(file) - piece.count)
        _ = unsafe fseek(file, start, SEEK_SET)
        let count = unsafe fread(&piece, 1, piece.count, file)
        let lines = piece[..<count].split(separator: 10).map { String(decoding: $0, as: UTF8.self) }
        return lines.suffix(most)
    }

    private func turn(_ state: inout State) {
        _ = unsafe rename(path, path + ".1")
        guard let fresh = try? Self.open(path) else { return }
        close(state.descriptor)
        state = fresh
    }

    private static func open(_ path: String) throws -> State {
        let descriptor = unsafe Glibc.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw UpFailure("\(path) cannot be written: \(TerminalError.text(errno))")
        }
        return State(descriptor: descriptor, bytes: Int(lseek(descriptor, 0, SEEK_END)))
    }
}

/// Why `up` cannot go on, in words for whoever started it.
struct UpFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
