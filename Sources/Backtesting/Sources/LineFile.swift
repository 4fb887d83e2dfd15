internal import Core
internal import Digest
internal import Glibc

/// A file read line by line and hashed as it goes by; neither its size nor a line is without a limit.
struct LineFile: ~Copyable {
    private let descriptor: Int32
    private let name: String
    private let lineLimit: Int
    private var hasher: SHA256?
    private var chunk: [UInt8]
    private var filled = 0
    private var position = 0
    private var line: [UInt8] = []
    private(set) var number = 0
    private var hasEnded = false

    static let chunkBytes = 1 << 20

    init(_ path: String, named name: String, _ limits: TapeReader.Limits) throws(SourceFault) {
        let opened = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard opened >= 0 else { throw SourceFault(name, "cannot be opened: \(Self.lastError)") }
        var status = stat()
        guard unsafe fstat(opened, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(opened)
            throw SourceFault(name, "is no file")
        }
        guard Int64(status.st_size) <= limits.fileBytes else {
            close(opened)
            throw SourceFault(name, "has \(status.st_size) bytes, and the limit is \(limits.fileBytes)")
        }
        descriptor = opened
        hasher = SHA256()
        self.name = name
        lineLimit = limits.lineBytes
        chunk = [UInt8](repeating: 0, count: Self.chunkBytes)
        line.reserveCapacity(256)
    }

    deinit { close(descriptor) }

    private static var lastError: String { unsafe String(cString: strerror(errno)) }

    /// The next line without its end, or `nil` after the last.
    mutating func next() throws(SourceFault) -> [UInt8]? {
        line.removeAll(keepingCapacity: true)
        while true {
            if position == filled {
                guard try fill() else {
                    guard !line.isEmpty else { return nil }
                    number += 1
                    return line
                }
            }
            let start = position
            while position < filled, chunk[position] != UInt8(ascii: "\n") { position += 1 }
            line.append(contentsOf: chunk[start..<position])
            guard line.count <= lineLimit else {
                throw SourceFault(name, line: number + 1, "it is longer than \(lineLimit) bytes")
            }
            guard position < filled else { continue }
            position += 1
            number += 1
            if line.last == UInt8(ascii: "\r") { line.removeLast() }
            return line
        }
    }

    private mutating func fill() throws(SourceFault) -> Bool {
        guard !hasEnded else { return false }
        var count = 0
        repeat { count = unsafe Glibc.read(descriptor, &chunk, chunk.count) } while count < 0 && errno == EINTR
        guard count >= 0 else { throw SourceFault(name, "cannot be read: \(Self.lastError)") }
        (position, filled) = (0, count)
        guard count > 0 else {
            hasEnded = true
            return false
        }
        if var taken = hasher.take() {
            unsafe taken.update(chunk.span.bytes.extracting(0..<count))
            hasher = consume taken
        }
        return true
    }

    /// The hash of all that was read, in hexadecimal digits; to be asked once, at the end.
    mutating func finish() -> String {
        guard let hasher = hasher.take() else { return "" }
        return HexText.of(hasher.finish())
    }
}
