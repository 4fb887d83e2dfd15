internal import CSimdJSON

/// A parser whose buffers are used again for each document; the document is lent until the next `parse`.
///
/// It checks everything (UTF-8, escapes, numbers, depth) before it lends anything. A number that fits neither 64
/// bits nor a finite double makes the whole document refused: that is simdjson's rule, and we keep it.
@safe public struct JSONParser: ~Copyable {
    public let limits: JSONLimits
    private let parser: OpaquePointer

    public init(limits: JSONLimits = JSONLimits()) {
        precondition(limits.maximumDepth > 0, "a document has at least one level")
        // simdjson counts the document itself as a level.
        guard let made = unsafe csimdjson_new(limits.maximumDepth + 1) else { fatalError("simdjson is out of memory") }
        unsafe parser = made
        self.limits = limits
    }

    deinit { unsafe csimdjson_free(parser) }

    /// The root of the document in these bytes, which are copied and not needed afterwards.
    @_lifetime(&self)
    public mutating func parse(_ bytes: RawSpan) throws(JSONError) -> JSONValue {
        guard bytes.byteCount <= limits.maximumBytes else {
            throw .limitExceeded(name: "maximumBytes", allowed: limits.maximumBytes, actual: bytes.byteCount)
        }
        // Safe: the pointer is used only inside the call.
        let code = unsafe bytes.withUnsafeBytes { unsafe csimdjson_parse(parser, $0.baseAddress, $0.count) }
        guard code == 0 else { throw refusal(code) }
        // Safe: tape and strings stay as they are until the next parse, which needs this parser exclusively.
        let root = unsafe JSONValue(
            tape: csimdjson_tape(parser), strings: csimdjson_strings(parser), document: parser, index: 1)
        return unsafe _overrideLifetime(root, mutating: &self)
    }

    @_lifetime(&self)
    public mutating func parse(_ bytes: [UInt8]) throws(JSONError) -> JSONValue {
        // Safe: bytes are plain integers.
        try unsafe parse(bytes.span.bytes)
    }

    private func refusal(_ code: Int32) -> JSONError {
        guard code != Int32(CSIMDJSON_TOO_DEEP) else {
            let allowed = limits.maximumDepth
            return .limitExceeded(name: "maximumDepth", allowed: allowed, actual: allowed + 1)
        }
        let byte = unsafe Int(csimdjson_locate(parser, code))
        return .malformed(byte: byte, reason: unsafe String(cString: csimdjson_reason(code)))
    }
}
