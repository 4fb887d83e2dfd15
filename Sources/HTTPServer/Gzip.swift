internal import CZlib

/// Makes large answers small for clients that ask for it.
enum Gzip {
    /// Half the time of zlib's default for nearly its size.
    static let level: Int32 = 3

    /// `nil` when it would not get smaller.
    static func compress(_ bytes: [UInt8]) -> [UInt8]? {
        let room = torghut_gzip_bound(bytes.count)
        let made = unsafe [UInt8](unsafeUninitializedCapacity: room) { output, count in
            // Safe: both are as long as is said, and zlib writes no more than the room.
            count = unsafe bytes.withUnsafeBufferPointer { input in
                guard let input = input.baseAddress, let output = output.baseAddress else { return 0 }
                return unsafe torghut_gzip(input, bytes.count, output, room, level)
            }
        }
        return made.isEmpty || made.count >= bytes.count ? nil : made
    }

    /// Whether an `Accept-Encoding` takes gzip.
    static func isWanted(_ header: String?) -> Bool {
        guard let header else { return false }
        for choice in header.lowercased().split(separator: ",") {
            let parts = choice.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" } }
            guard parts.first == "gzip" || parts.first == "*" else { continue }
            let quality = parts.dropFirst().first { $0.hasPrefix("q=") }?.dropFirst(2)
            return quality.map { $0.contains { ("1"..."9").contains($0) } } ?? true
        }
        return false
    }

    /// The answer as it goes out to whoever asked for `request`.
    static func applied(
        to response: HTTPServerResponse, for request: HTTPServerRequest, above limit: Int
    ) -> HTTPServerResponse {
        guard case .bytes(let bytes) = response.body, bytes.count > limit,
            !response.headers.contains(where: { $0.name.lowercased() == "content-encoding" })
        else { return response }
        var response = response
        response.headers.append(("Vary", "Accept-Encoding"))
        guard isWanted(request.header("Accept-Encoding")), let small = compress(bytes) else { return response }
        response.headers.append(("Content-Encoding", "gzip"))
        response.body = .bytes(small)
        return response
    }
}
