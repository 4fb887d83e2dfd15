internal import CMicroHTTP

/// Hands an answer to libmicrohttpd.
enum Answering {
    /// `torghut_mhd_no` closes the connection.
    static func queue(
        _ response: HTTPServerResponse, _ exchange: Exchange, _ connection: OpaquePointer
    ) -> MHD_Result {
        exchange.sent = response
        guard let made = unsafe make(response.body, exchange, connection) else { return torghut_mhd_no }
        defer { unsafe MHD_destroy_response(made) }
        for (name, value) in response.headers {
            // Refused are only names and values that are none: a mistake of the handler, told as a broken answer.
            guard unsafe MHD_add_response_header(made, name, value) == torghut_mhd_yes else { return torghut_mhd_no }
        }
        return unsafe MHD_queue_response(connection, UInt32(response.status), made)
    }

    private static func make(
        _ body: HTTPServerResponse.Body, _ exchange: Exchange, _ connection: OpaquePointer
    ) -> OpaquePointer? {
        switch body {
        case .none: return nil
        case .bytes(let bytes):
            // Safe: libmicrohttpd copies the bytes.
            return unsafe bytes.withUnsafeBytes { bytes in
                unsafe torghut_mhd_bytes(bytes.baseAddress, bytes.count)
            }
        case .stream(let length, let next): return unsafe make(length, next, exchange, connection)
        case .events(let feed):
            return unsafe make(nil, { try await feed.next() }, exchange, connection)
        }
    }

    private static func make(
        _ length: Int?, _ next: @escaping @Sendable () async throws -> [UInt8]?, _ exchange: Exchange,
        _ connection: OpaquePointer
    ) -> OpaquePointer? {
        let stream = unsafe BodyStream(connection: connection, next: next)
        guard exchange.begin(stream) else { return nil }
        let size = length.map { UInt64($0) } ?? torghut_mhd_size_unknown
        return unsafe MHD_create_response_from_callback(
            size, 16 << 10, BodyStream.read, Unmanaged.passRetained(stream).toOpaque(), BodyStream.release)
    }
}
