/// Appends JSON text to bytes; commas come by themselves.
///
/// The caller keeps keys and values in turn inside an object, and closes what it opens.
public struct JSONWriter {
    public private(set) var bytes: [UInt8]
    private var separated = true
    private var depth = 0

    public init(reserving capacity: Int = 0) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    /// Empties the writer and keeps its memory.
    public mutating func reset() {
        bytes.removeAll(keepingCapacity: true)
        separated = true
        depth = 0
    }

    public mutating func beginObject() { open(UInt8(ascii: "{")) }
    public mutating func endObject() { close(UInt8(ascii: "}")) }
    public mutating func beginArray() { open(UInt8(ascii: "[")) }
    public mutating func endArray() { close(UInt8(ascii: "]")) }

    public mutating func object(_ body: (inout JSONWriter) -> Void) {
        beginObject()
        body(&self)
        endObject()
    }

    public mutating func array(_ body: (inout JSONWriter) -> Void) {
        beginArray()
        body(&self)
        endArray()
    }

    /// The name of the value that comes next.
    public mutating func key(_ name: StaticString) {
        separate()
        // Safe: a static string lives forever.
        name.withUTF8Buffer { unsafe quote($0) }
        bytes.append(UInt8(ascii: ":"))
        separated = true
    }

    public mutating func key(_ name: String) {
        separate()
        quote(name)
        bytes.append(UInt8(ascii: ":"))
        separated = true
    }

    public mutating func string(_ text: String) {
        separate()
        quote(text)
    }

    /// A string from bytes that are known to be UTF-8 (`JSONText.isUTF8`).
    public mutating func string(utf8: RawSpan) {
        separate()
        // Safe: read inside the call only.
        unsafe utf8.withUnsafeBytes { unsafe quote($0.bindMemory(to: UInt8.self)) }
    }

    public mutating func string(utf8: [UInt8]) { unsafe string(utf8: utf8.span.bytes) }

    public mutating func integer(_ number: some FixedWidthInteger) {
        separate()
        bytes.append(contentsOf: String(number).utf8)
    }

    public mutating func bool(_ value: Bool) {
        separate()
        bytes.append(contentsOf: value ? "true".utf8 : "false".utf8)
    }

    public mutating func null() {
        separate()
        bytes.append(contentsOf: "null".utf8)
    }

    /// Text that is a JSON value already.
    public mutating func raw(_ json: RawSpan) {
        separate()
        // Safe: read inside the call only.
        unsafe json.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
    }

    public mutating func raw(_ json: [UInt8]) { unsafe raw(json.span.bytes) }

    /// Ends a line, for JSON lines; only between values of the outermost level.
    public mutating func newline() {
        precondition(depth == 0, "a line ends where everything is closed")
        bytes.append(UInt8(ascii: "\n"))
        separated = true
    }

    /// The text; everything must be closed.
    public consuming func finish() -> [UInt8] {
        precondition(depth == 0, "an object or array is still open")
        return bytes
    }
}

extension JSONWriter {
    private mutating func open(_ byte: UInt8) {
        separate()
        bytes.append(byte)
        separated = true
        depth += 1
    }

    private mutating func close(_ byte: UInt8) {
        precondition(depth > 0, "nothing is open")
        bytes.append(byte)
        separated = false
        depth -= 1
    }

    private mutating func separate() {
        if !separated { bytes.append(UInt8(ascii: ",")) }
        separated = false
    }

    private mutating func quote(_ text: String) {
        var text = text
        // Safe: read inside the call only.
        text.withUTF8 { unsafe quote($0) }
    }

    /// Copies runs without escapes whole: almost every string is one run.
    private mutating func quote(_ text: UnsafeBufferPointer<UInt8>) {
        bytes.append(UInt8(ascii: "\""))
        var copied = 0
        for index in 0..<text.count {
            // Safe: the index is inside the buffer.
            let byte = unsafe text[index]
            guard byte < 0x20 || byte == 0x22 || byte == 0x5C else { continue }
            unsafe bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[copied..<index]))
            escape(byte)
            copied = index + 1
        }
        unsafe bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[copied...]))
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case 0x22: bytes.append(contentsOf: #"\""#.utf8)
        case 0x5C: bytes.append(contentsOf: #"\\"#.utf8)
        case 0x08: bytes.append(contentsOf: #"\b"#.utf8)
        case 0x09: bytes.append(contentsOf: #"\t"#.utf8)
        case 0x0A: bytes.append(contentsOf: #"\n"#.utf8)
        case 0x0C: bytes.append(contentsOf: #"\f"#.utf8)
        case 0x0D: bytes.append(contentsOf: #"\r"#.utf8)
        default:
            let digits = Array("0123456789abcdef".utf8)
            bytes.append(contentsOf: #"\u00"#.utf8)
            bytes.append(digits[Int(byte >> 4)])
            bytes.append(digits[Int(byte & 15)])
        }
    }
}
