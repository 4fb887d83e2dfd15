/// The bytes of rows, one after another.
///
/// The row in the making lies in place, where a field costs a store and no check of who else holds the memory; it moves
/// behind the others when it is whole or the place is full.
public struct RowBytes: Sendable {
    @usableFromInline static var room: Int { 512 }
    @usableFromInline var whole: [UInt8] = []
    @usableFromInline var making = InlineArray<512, UInt8>(repeating: 0)
    @usableFromInline var used = 0

    @inlinable public init() {}

    @inlinable public var count: Int { whole.count + used }

    /// Numbers travel with their first byte first.
    @inlinable @inline(__always)
    public mutating func appendBig<Number: FixedWidthInteger & BitwiseCopyable>(_ number: Number) {
        if used > Self.room - 16 { settle() }
        let at = used
        var span = making.mutableSpan
        // Safe: sixteen bytes are free, and no number is longer.
        unsafe span.withUnsafeMutableBytes { place in
            unsafe place.storeBytes(of: number.bigEndian, toByteOffset: at, as: Number.self)
        }
        used += MemoryLayout<Number>.size
    }

    @inlinable @inline(__always)
    public mutating func append(_ bytes: RawSpan) {
        guard bytes.byteCount <= Self.room - used else { return appendLong(bytes) }
        let at = used
        var span = making.mutableSpan
        // Safe: there is room for them, and they are copied inside the calls.
        unsafe span.withUnsafeMutableBytes { place in
            unsafe bytes.withUnsafeBytes { text in
                unsafe UnsafeMutableRawBufferPointer(rebasing: place[at...]).copyMemory(from: text)
            }
        }
        used += bytes.byteCount
    }

    @usableFromInline
    mutating func appendLong(_ bytes: RawSpan) {
        settle()
        // Safe: the bytes are copied inside the call.
        unsafe bytes.withUnsafeBytes { unsafe whole.append(contentsOf: $0) }
    }

    /// A text with its length before it.
    @inlinable @inline(__always)
    public mutating func append(text: String) {
        let bytes = text.utf8.span
        appendBig(Int32(bytes.count))
        // Safe: text is plain bytes.
        unsafe append(bytes.bytes)
    }

    /// A field whose text and so its length come from somebody who writes into arrays.
    @inlinable
    public mutating func append(field write: (inout [UInt8]) -> Void) {
        settle()
        let start = whole.count
        whole.append(contentsOf: repeatElement(0, count: 4))
        write(&whole)
        let length = Int32(whole.count - start - 4).bigEndian
        for index in 0..<4 { whole[start + index] = UInt8(truncatingIfNeeded: length >> (8 * index)) }
    }

    /// Moves the row in the making behind the others.
    @inlinable
    public mutating func settle() {
        guard used > 0 else { return }
        let span = making.span
        // Safe: what is used was written, and the bytes are copied inside the call.
        unsafe span.withUnsafeBytes { unsafe whole.append(contentsOf: $0[..<used]) }
        used = 0
    }

    /// All of them; what follows begins anew.
    @inlinable
    public mutating func take() -> [UInt8] {
        settle()
        var bytes: [UInt8] = []
        swap(&bytes, &whole)
        return bytes
    }

    /// Takes back whatever lies from here on.
    mutating func withdraw(from start: Int) {
        settle()
        whole.removeSubrange(start...)
    }

    /// Calls with the bytes from here on.
    func withBytes<Answer>(from start: Int, _ body: (RawSpan) -> Answer) -> Answer {
        precondition(used == 0, "a row is settled before it is looked at")
        // Safe: bytes are plain integers.
        return unsafe body(whole.span.bytes.extracting(droppingFirst: start))
    }
}
