public import Core

/// Bytes that grow, for fields as Postgres takes them: a length of four bytes, then the value, highest byte first.
public struct FieldBlock: Sendable {
    /// Longer than what is used, so that writing a number is a store and no call.
    @usableFromInline var storage: [UInt8]
    public private(set) var count = 0

    public init(capacity: Int = 4096) { storage = [UInt8](repeating: 0, count: max(64, capacity)) }

    public mutating func removeAll() { count = 0 }

    /// What was written; valid until the next write.
    public var bytes: RawSpan {
        @_lifetime(borrow self)
        get {
            // Safe: every byte of an array of bytes is initialised.
            unsafe storage.span.bytes.extracting(0..<count)
        }
    }

    mutating func write<Number: FixedWidthInteger & BitwiseCopyable>(_ number: Number) {
        let size = MemoryLayout<Number>.size
        reserve(size)
        // Safe: `reserve` made room at this place.
        unsafe storage.withUnsafeMutableBytes { [count] bytes in
            unsafe bytes.storeBytes(of: number.bigEndian, toByteOffset: count, as: Number.self)
        }
        count += size
    }

    mutating func write(_ bytes: UnsafeRawBufferPointer) {
        reserve(bytes.count)
        // Safe: `reserve` made room at this place.
        unsafe storage.withUnsafeMutableBytes { [count] storage in
            unsafe UnsafeMutableRawBufferPointer(rebasing: storage[count...]).copyMemory(from: bytes)
        }
        count += bytes.count
    }

    mutating func overwrite(_ number: Int32, at place: Int) {
        precondition(place + 4 <= count, "only what was written can be overwritten")
        // Safe: the place lies within what was written.
        unsafe storage.withUnsafeMutableBytes { bytes in
            unsafe bytes.storeBytes(of: number.bigEndian, toByteOffset: place, as: Int32.self)
        }
    }

    private mutating func reserve(_ size: Int) {
        let missing = count + size - storage.count
        guard missing > 0 else { return }
        storage.append(contentsOf: repeatElement(0, count: max(missing, storage.count)))
    }
}

/// Something made of fields: a row of a COPY, an array.
public protocol FieldWriting {
    var fields: FieldBlock { get set }
    /// Called before each field.
    mutating func willAppend(isNull: Bool)
}

extension FieldWriting {
    public mutating func appendNull() {
        willAppend(isNull: true)
        fields.write(Int32(-1))
    }

    public mutating func append(_ number: Int64) { append(number: number) }
    public mutating func append(_ number: Int32) { append(number: number) }
    public mutating func append(_ number: Int16) { append(number: number) }
    public mutating func append(_ flag: Bool) { append(number: UInt8(flag ? 1 : 0)) }

    /// `text`, `json`, `bytea`, `uuid`: types whose binary form is their bytes.
    public mutating func append(_ bytes: RawSpan) {
        willAppend(isNull: false)
        fields.write(Int32(bytes.byteCount))
        unsafe bytes.withUnsafeBytes { unsafe fields.write($0) }
    }

    public mutating func append(_ bytes: [UInt8]) {
        willAppend(isNull: false)
        fields.write(Int32(bytes.count))
        unsafe bytes.withUnsafeBytes { unsafe fields.write($0) }
    }

    public mutating func append(_ text: String) {
        var text = text
        willAppend(isNull: false)
        text.withUTF8 { utf8 in
            fields.write(Int32(utf8.count))
            unsafe fields.write(UnsafeRawBufferPointer(utf8))
        }
    }

    /// A `timestamptz`, which counts microseconds: what is finer is cut off.
    public mutating func append(timestamptz moment: Timestamp) { append(number: moment.postgresMicroseconds) }

    private mutating func append(number: some FixedWidthInteger & BitwiseCopyable) {
        willAppend(isNull: false)
        fields.write(Int32(number.bitWidth / 8))
        fields.write(number)
    }
}

extension Timestamp {
    /// Postgres counts from the year 2000.
    static let postgresEpochMicroseconds: Int64 = 946_684_800_000_000

    var postgresMicroseconds: Int64 {
        let whole = nanoseconds / 1000 - (nanoseconds % 1000 < 0 ? 1 : 0)
        return whole - Self.postgresEpochMicroseconds
    }

    /// `nil` before 1677, after 2262 and for the infinities.
    init?(postgresMicroseconds count: Int64) {
        let (shifted, overflow) = count.addingReportingOverflow(Self.postgresEpochMicroseconds)
        let (nanoseconds, tooFar) = shifted.multipliedReportingOverflow(by: 1000)
        guard !overflow, !tooFar else { return nil }
        self.init(nanoseconds: nanoseconds)
    }
}
