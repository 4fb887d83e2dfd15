internal import CMicroHTTP
internal import Glibc

/// What libmicrohttpd knows of a request, copied into values.
enum ConnectionReader {
    private final class Pairs {
        var pairs: [(name: String, value: String)] = []
        var isUTF8 = true
    }

    static func headers(_ connection: OpaquePointer) -> [(name: String, value: String)] {
        unsafe pairs(connection, torghut_mhd_headers).pairs
    }

    /// `nil` when something in it holds a NUL, at which a C string would end, or is no UTF-8.
    static func query(_ connection: OpaquePointer, of target: String) -> [(name: String, value: String)]? {
        let list = unsafe pairs(connection, torghut_mhd_query)
        return list.isUTF8 && !target.contains("%00") ? list.pairs : nil
    }

    private static func pairs(_ connection: OpaquePointer, _ kind: MHD_ValueKind) -> Pairs {
        let list = Pairs()
        let context = unsafe Unmanaged.passUnretained(list).toOpaque()
        _ = unsafe MHD_get_connection_values(
            connection, kind,
            { context, _, name, value in
                guard let context = unsafe context, let name = unsafe name else { return torghut_mhd_yes }
                let list = unsafe Unmanaged<Pairs>.fromOpaque(context).takeUnretainedValue()
                let text = unsafe value.map { unsafe String(cString: $0) } ?? ""
                list.pairs.append((unsafe String(cString: name), text))
                let isName = unsafe String(validatingCString: name) != nil
                let isValue = unsafe value.map { unsafe String(validatingCString: $0) != nil } ?? true
                list.isUTF8 = list.isUTF8 && isName && isValue
                return torghut_mhd_yes
            }, context)
        return withExtendedLifetime(list) { list }
    }

    /// The announced length of the body.
    ///
    /// libmicrohttpd refuses one that is no number.
    static func length(_ connection: OpaquePointer) -> UInt64? {
        let text = unsafe MHD_lookup_connection_value(connection, torghut_mhd_headers, "Content-Length")
        return unsafe text.flatMap { unsafe UInt64(String(cString: $0)) }
    }

    /// Whether at most one header says how long the body is; libmicrohttpd takes one of several.
    static func saysLengthOnce(_ connection: OpaquePointer) -> Bool {
        var count = 0
        unsafe withUnsafeMutablePointer(to: &count) { count in
            _ = unsafe MHD_get_connection_values(
                connection, torghut_mhd_headers,
                { context, _, name, _ in
                    guard let context = unsafe context, let name = unsafe name else { return torghut_mhd_yes }
                    let isLength =
                        unsafe strcasecmp(name, "Content-Length") == 0 || strcasecmp(name, "Transfer-Encoding") == 0
                    if isLength { unsafe context.assumingMemoryBound(to: Int.self).pointee += 1 }
                    return torghut_mhd_yes
                }, count)
        }
        return count <= 1
    }

    /// The parts of a path, each decoded by itself; `nil` when one holds a NUL, or is no UTF-8.
    static func path(of target: String) -> [String]? {
        let path = target.prefix { $0 != "?" }
        guard path.utf8.first == UInt8(ascii: "/") else { return nil }
        var parts: [String] = []
        for part in path.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            guard let decoded = decode(part) else { return nil }
            parts.append(decoded)
        }
        if parts.last == "" { parts.removeLast() }
        return parts
    }

    private static func decode(_ part: Substring) -> String? {
        guard part.utf8.contains(UInt8(ascii: "%")) else { return String(part) }
        var bytes = Array(String(part).utf8CString)
        let count = unsafe bytes.withUnsafeMutableBufferPointer { bytes in
            guard let first = bytes.baseAddress else { return 0 }
            // Safe: the text ends in a NUL, and decoding only shortens it.
            return unsafe MHD_http_unescape(first)
        }
        let decoded = bytes.prefix(count).map { UInt8(bitPattern: $0) }
        guard !decoded.contains(0) else { return nil }
        return String(validating: decoded, as: UTF8.self)
    }
}
