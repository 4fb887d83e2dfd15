internal import CCurl

/// What libcurl's callbacks know of one transfer; used on its thread.
final class Transfer {
    private(set) var bytes: [UInt8] = []
    private(set) var headers: [(name: String, value: String)] = []
    private(set) var isOverfull = false
    /// When the connection stood ready and the request was let go; `nil` before.
    private(set) var connectedAt: ContinuousClock.Instant?
    private(set) var firstByteAt: ContinuousClock.Instant?
    /// Whether it was kept back when its connection stood.
    private(set) var isForbidden = false
    private var headerBytes = 0
    private var body: [UInt8]
    private var given = 0
    private let limits: HTTPLimits
    private let mayLeave: HTTPClient.LastLook

    init(body: [UInt8], limits: HTTPLimits, mayLeave: @escaping HTTPClient.LastLook) {
        self.body = body
        self.limits = limits
        self.mayLeave = mayLeave
    }

    var overflow: HTTPError {
        .tooLarge(
            allowed: headerBytes > limits.maximumHeaderBytes ? limits.maximumHeaderBytes : limits.maximumResponseBytes)
    }

    private func take(_ piece: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count + piece.count <= limits.maximumResponseBytes else {
            isOverfull = true
            return false
        }
        unsafe bytes.append(contentsOf: piece)
        return true
    }

    private func takeHeader(_ line: UnsafeRawBufferPointer) -> Bool {
        if firstByteAt == nil { firstByteAt = .now }
        headerBytes += line.count
        guard headerBytes <= limits.maximumHeaderBytes else {
            isOverfull = true
            return false
        }
        let text = unsafe String(decoding: line, as: UTF8.self)
        // A status line begins the headers anew: those of a `100 Continue` are not the answer's.
        if text.hasPrefix("HTTP/") { headers = [] }
        guard let colon = text.firstIndex(of: ":"), !text.hasPrefix("HTTP/") else { return true }
        let value = text[text.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
        headers.append((String(text[..<colon]), String(value.prefix { !$0.isNewline })))
        return true
    }

    private func give(_ room: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(room.count, body.count - given)
        // Safe: both have `count` bytes.
        unsafe room.copyBytes(from: body[given..<(given + count)])
        given += count
        return count
    }

    /// Once only: libcurl sends a request a second time, unasked, when a used connection dies without an answer.
    ///
    /// The first may have been received, so the second is refused.
    private func begin() -> Bool {
        guard connectedAt == nil, !isForbidden else { return false }
        guard mayLeave() else {
            isForbidden = true
            return false
        }
        connectedAt = .now
        return true
    }

    /// libcurl lends the transfer and its bytes for each call.
    private static func of(_ context: UnsafeMutableRawPointer?) -> Transfer? {
        guard let context = unsafe context else { return nil }
        // Safe: the transfer outlives the request.
        return unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    }

    /// libcurl ends the transfer when fewer bytes are taken than came.
    static let write: torghut_curl_writer = { bytes, size, count, context in
        guard let bytes = unsafe bytes, let transfer = unsafe of(context) else { return 0 }
        return unsafe transfer.take(UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : 0
    }

    static let header: torghut_curl_writer = { bytes, size, count, context in
        guard let bytes = unsafe bytes, let transfer = unsafe of(context) else { return 0 }
        return unsafe transfer.takeHeader(UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : 0
    }

    static let read: torghut_curl_writer = { room, size, count, context in
        guard let room = unsafe room, let transfer = unsafe of(context) else { return 0 }
        return unsafe transfer.give(UnsafeMutableRawBufferPointer(start: room, count: size * count))
    }

    static let ready: torghut_curl_ready = { context, _, _, _, _ in
        guard let transfer = unsafe of(context) else { return 1 }
        return transfer.begin() ? 0 : 1
    }
}
