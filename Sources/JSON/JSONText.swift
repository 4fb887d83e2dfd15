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
    /// Names are short and compared all the time, so eight bytes at a time; the last eight may overlap the others.
    @inlinable @inline(__always)
    func equals(_ name: StaticString) -> Bool {
        let count = name.utf8CodeUnitCount
        guard byteCount == count, name.hasPointerRepresentation else { return false }
        // Safe: both have `count` bytes, and no load reaches beyond them.
        return unsafe withUnsafeBytes { bytes in
            guard let left = bytes.baseAddress else { return true }
            let right = unsafe UnsafeRawPointer(name.utf8Start)
            var offset = 0
            while offset + 8 <= count {
                guard
                    unsafe (left + offset).loadUnaligned(as: UInt64.self)
                        == (right + offset).loadUnaligned(as: UInt64.self)
                else { return false }
                offset += 8
            }
            if offset == count { return true }
            if count >= 8 {
                return unsafe (left + (count - 8)).loadUnaligned(as: UInt64.self)
                    == (right + (count - 8)).loadUnaligned(as: UInt64.self)
            }
            while offset < count {
                guard
                    unsafe left.load(fromByteOffset: offset, as: UInt8.self)
                        == right.load(fromByteOffset: offset, as: UInt8.self)
                else { return false }
                offset += 1
            }
            return true
        }
    }

    var copiedString: String {
        // Safe: copied inside the call.
        unsafe withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
    }
}
