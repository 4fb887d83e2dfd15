internal import CSimdJSON

/// One value of a parsed document: an index into simdjson's tape, lent by the parser.
///
/// Asking for the wrong kind gives `nil`. Nothing here allocates except what returns a `String` or fills an array.
@safe public struct JSONValue: ~Escapable, BitwiseCopyable {
    @usableFromInline let tape: UnsafePointer<UInt64>
    @usableFromInline let strings: UnsafePointer<UInt8>
    @usableFromInline let document: OpaquePointer
    @usableFromInline let index: Int

    @usableFromInline @_lifetime(immortal)
    init(tape: UnsafePointer<UInt64>, strings: UnsafePointer<UInt8>, document: OpaquePointer, index: Int) {
        unsafe self.tape = tape
        unsafe self.strings = strings
        unsafe self.document = document
        self.index = index
    }

    /// Another value of the same document.
    @inlinable @inline(__always) @_lifetime(copy self)
    func sibling(at index: Int) -> JSONValue {
        let value = unsafe JSONValue(tape: tape, strings: strings, document: document, index: index)
        return unsafe _overrideLifetime(value, copying: self)
    }

    /// Safe: every index a value is made with points at a word that begins a value.
    @inlinable var word: UInt64 { unsafe tape[index] }

    @inlinable public var kind: JSONKind {
        guard let kind = JSONKind(rawValue: UInt8(truncatingIfNeeded: word >> 56)) else {
            preconditionFailure("the tape holds a word that begins no value")
        }
        return kind
    }

    /// Whether this is of that kind.
    ///
    /// It compares a byte, where `kind` would look one up.
    @inlinable @inline(__always) public func isOf(_ kind: JSONKind) -> Bool { word >> 56 == UInt64(kind.rawValue) }

    @inlinable public var isNull: Bool { isOf(.null) }

    @inlinable public var bool: Bool? { isOf(.true) ? true : isOf(.false) ? false : nil }

    /// The integer, when it is one and fits.
    @inlinable public var int64: Int64? {
        // Safe: a number's second word holds its bits.
        isOf(.integer) ? unsafe Int64(bitPattern: tape[index + 1]) : nil
    }

    @inlinable public var uint64: UInt64? {
        switch kind {
        case .unsigned: unsafe tape[index + 1]
        case .integer: unsafe UInt64(exactly: Int64(bitPattern: tape[index + 1]))
        case .object, .array, .string, .fraction, .true, .false, .null: nil
        }
    }

    /// The bytes of a string with its escapes resolved.
    @inlinable @inline(__always) public var utf8: RawSpan? {
        @_lifetime(copy self) get { isOf(.string) ? text : nil }
    }

    /// The string, copied.
    public var string: String? {
        guard kind == .string else { return nil }
        return text.copiedString
    }

    /// The bytes of the string this word points to, which may be a key.
    @inlinable @inline(__always) var text: RawSpan {
        @_lifetime(copy self)
        get {
            // Safe: the strings hold a length (u32, in the machine's order) and then that many bytes.
            let start = unsafe strings + Int(word & 0x00FF_FFFF_FFFF_FFFF)
            let count = unsafe Int(UnsafeRawPointer(start).loadUnaligned(as: UInt32.self))
            let span = unsafe RawSpan(_unsafeStart: UnsafeRawPointer(start + 4), byteCount: count)
            return unsafe _overrideLifetime(span, copying: self)
        }
    }

    /// The value exactly as it stands in the input: the digits of a number, a whole object with its white space.
    public var source: RawSpan {
        @_lifetime(copy self)
        get {
            var count = 0
            let start = unsafe csimdjson_source(document, index, &count)
            let span = unsafe RawSpan(_unsafeStart: UnsafeRawPointer(start), byteCount: count)
            return unsafe _overrideLifetime(span, copying: self)
        }
    }

    /// `source`, copied.
    public var sourceText: String { source.copiedString }

    /// Appends the value's compact text: its source without white space between tokens, numbers and escapes as written.
    public func minify(into bytes: inout [UInt8]) {
        let source = source
        // What was written by machines is compact already, and mostly short.
        guard source.holdsWhiteSpace else { return source.append(to: &bytes) }
        let compact = unsafe [UInt8](
            unsafeUninitializedCapacity: source.byteCount + Int(CSIMDJSON_PADDING)
        ) { buffer, count in
            guard let into = buffer.baseAddress else { return }
            // Safe: the source lies in the parser's buffer, and the destination has the room that is asked for.
            count = unsafe source.withUnsafeBytes { text in
                guard let from = text.baseAddress else { return 0 }
                return unsafe csimdjson_minify(from.assumingMemoryBound(to: UInt8.self), text.count, into)
            }
        }
        bytes.append(contentsOf: compact)
    }

    /// The index behind this value.
    @inlinable @inline(__always) var after: Int {
        if isOf(.object) || isOf(.array) { return Int(UInt32(truncatingIfNeeded: word)) }
        // A number has its bits in a second word.
        return index + (isOf(.integer) || isOf(.unsigned) || isOf(.fraction) ? 2 : 1)
    }
}

extension RawSpan {
    fileprivate var holdsWhiteSpace: Bool {
        // Safe: the bytes are only read, inside the call.
        unsafe withUnsafeBytes { bytes in
            var found: UInt8 = 0
            // No early end: so sixteen bytes are looked at together.
            for index in bytes.indices { unsafe found |= bytes[index] <= 0x20 ? 1 : 0 }
            return found != 0
        }
    }

    fileprivate func append(to bytes: inout [UInt8]) {
        // Safe: the bytes are copied inside the call.
        unsafe withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
    }
}
