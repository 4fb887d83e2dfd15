extension ControlFrame {
    func encode() -> [UInt8] {
        precondition(body.count <= Self.maximumBodyBytes, "frames are measured before they are made")
        var writer = ByteWriter()
        writer.put(Self.magic)
        writer.put(Self.version)
        writer.put(kind)
        writer.put(UInt32(body.count))
        writer.put(request)
        writer.put(body)
        return writer.bytes
    }
}

/// Bytes as they come from a socket, and the whole frames in them.
struct FrameBuffer {
    private var bytes: [UInt8] = []
    private var start = 0

    /// Bytes of frames that were not taken yet.
    var count: Int { bytes.count - start }

    mutating func add(_ more: ArraySlice<UInt8>) {
        // What was taken goes when it is the larger part, so that a byte is moved at most twice.
        if start > bytes.count / 2 {
            bytes.removeFirst(start)
            start = 0
        }
        bytes.append(contentsOf: more)
    }

    /// The next whole frame; `nil` while there is none.
    ///
    /// A length is checked before anything is kept because of it.
    mutating func next() throws(ControlFrame.Flaw) -> ControlFrame? {
        let magic = min(count, 4)
        guard integer(at: 0, magic) == UInt64(ControlFrame.magic) & ((1 << (magic * 8)) - 1) else { throw .notAFrame }
        guard count >= ControlFrame.headerBytes else { return nil }
        let version = UInt16(integer(at: 4, 2))
        let length = Int(integer(at: 8, 4))
        let request = integer(at: 12, 8)
        guard version == ControlFrame.version else { throw .unknownVersion(version, request: request) }
        guard length <= ControlFrame.maximumBodyBytes else { throw .tooLong(length, request: request) }
        guard count >= ControlFrame.headerBytes + length else { return nil }
        let body = start + ControlFrame.headerBytes
        let frame = ControlFrame(
            kind: UInt16(integer(at: 6, 2)), request: request, body: Array(bytes[body..<body + length]))
        start = body + length
        if start == bytes.count { self = FrameBuffer() }
        return frame
    }

    private func integer(at place: Int, _ width: Int) -> UInt64 {
        (0..<width).reduce(0) { $0 | UInt64(bytes[start + place + $1]) << ($1 * 8) }
    }
}
