internal import CSimdJSON

/// Text as bytes: is it UTF-8, does it equal a name.
public enum JSONText {
    /// Whether these bytes may stand in a JSON string.
    public static func isUTF8(_ bytes: RawSpan) -> Bool {
        // Safe: the pointer is used only inside the call.
        unsafe bytes.withUnsafeBytes { unsafe csimdjson_is_utf8($0.baseAddress, $0.count) }
    }

    public static func isUTF8(_ bytes: [UInt8]) -> Bool { unsafe isUTF8(bytes.span.bytes) }
}

extension RawSpan {
    @inlinable func equals(_ name: StaticString) -> Bool {
        guard byteCount == name.utf8CodeUnitCount, name.hasPointerRepresentation else { return false }
        // Safe: both have `byteCount` bytes.
        return unsafe withUnsafeBytes { bytes in
            let other = unsafe UnsafeRawBufferPointer(start: name.utf8Start, count: bytes.count)
            return unsafe bytes.elementsEqual(other)
        }
    }

    var copiedString: String {
        // Safe: copied inside the call.
        unsafe withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
    }
}
