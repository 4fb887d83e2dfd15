import Core
import JSON
import Runtime

/// One line of `log append`: a JSON object that says what record it becomes.
struct AppendLine: ~Copyable {
    private let topic: String
    private var parser = JSONParser(limits: JSONLimits(maximumBytes: LineInput.maximumLineBytes))

    init(topic: String) { self.topic = topic }

    /// Fields of a line; each may occur once.
    ///
    /// `topic` and `offset` are what `log read` prints.
    private enum Name: Int {
        case key, keyBase64, value, valueBase64, headers, partition, timestamp, topic, offset
    }

    mutating func record(_ line: RawSpan) throws(LineError) -> NewRecord {
        // Copied first: the document borrows the whole of `self` through its parser.
        let topic = topic
        let root: JSONValue
        do throws(JSONError) {
            root = try parser.parse(line)
        } catch {
            throw LineError("\(error)")
        }
        guard var fields = root.fields() else { throw LineError("a line is a JSON object") }
        var record = NewRecord(topic: topic, value: nil)
        var seen = 0
        while let field = fields.next() {
            let name = try Self.name(of: field)
            let bit = 1 << name.rawValue
            guard seen & bit == 0 else { throw LineError("'\(field.name)' is given twice") }
            seen |= bit
            try Self.read(field.value, as: name, into: &record)
        }
        guard seen & 0b11 != 0b11 else { throw LineError("'key' and 'key_b64' are both given") }
        guard seen & 0b1100 != 0b1100 else { throw LineError("'value' and 'value_b64' are both given") }
        guard seen & 0b1100 != 0 else {
            throw LineError("there is no 'value'; a record without one is written \"value\":null")
        }
        return record
    }

    private static func name(of field: borrowing JSONField) throws(LineError) -> Name {
        if field.isNamed("key") { return .key }
        if field.isNamed("value") { return .value }
        if field.isNamed("headers") { return .headers }
        if field.isNamed("partition") { return .partition }
        if field.isNamed("key_b64") { return .keyBase64 }
        if field.isNamed("value_b64") { return .valueBase64 }
        if field.isNamed("timestamp") { return .timestamp }
        if field.isNamed("topic") { return .topic }
        if field.isNamed("offset") { return .offset }
        throw LineError("unknown field '\(field.name)'")
    }

    private static func read(_ value: JSONValue, as name: Name, into record: inout NewRecord) throws(LineError) {
        switch name {
        case .key: record.key = try text(value, called: "key", objects: false)
        case .value: record.value = try text(value, called: "value", objects: true)
        case .keyBase64: record.key = try base64(value, called: "key_b64")
        case .valueBase64: record.value = try base64(value, called: "value_b64")
        case .headers: record.headers = try AppendHeaders.read(value)
        case .partition:
            guard let number = value.int64, let partition = Int32(exactly: number), partition >= 0 else {
                if value.isNull { return }
                throw LineError("'partition' is a whole number")
            }
            record.partition = partition
        case .timestamp:
            guard let time = value.int64, time >= 0 else { throw LineError("'timestamp' is milliseconds since 1970") }
            record.timestamp = time
        case .topic:
            guard value.string == record.topic else { throw LineError("'topic' is not \(record.topic)") }
        case .offset: break
        }
    }

    private static func text(_ value: JSONValue, called name: String, objects: Bool) throws(LineError) -> [UInt8]? {
        if let bytes = value.utf8 { return Array(copying: bytes) }
        switch value.kind {
        case .null: return nil
        case .object where objects, .array where objects:
            var compact: [UInt8] = []
            value.minify(into: &compact)
            return compact
        case .object, .array, .string, .integer, .unsigned, .fraction, .true, .false:
            throw LineError("'\(name)' is a string\(objects ? ", an object, an array" : "") or null")
        }
    }

    static func base64(_ value: JSONValue, called name: String) throws(LineError) -> [UInt8]? {
        if value.isNull { return nil }
        guard let text = value.utf8, let bytes = Base64.decode(text) else { throw LineError("'\(name)' is not base64") }
        return bytes
    }
}

/// Headers of a line: an object, or an array of pairs where names repeat.
enum AppendHeaders {
    static func read(_ value: JSONValue) throws(LineError) -> [Header] {
        var headers: [Header] = []
        if var fields = value.fields() {
            while let field = fields.next() { headers.append(Header(field.name, try bytes(field.value))) }
        } else if var pairs = value.elements() {
            while let pair = pairs.next() { headers.append(try header(pair)) }
        } else if !value.isNull {
            throw LineError("'headers' is an object, or an array of [name, value] pairs")
        }
        return headers
    }

    private static func header(_ pair: JSONValue) throws(LineError) -> Header {
        guard var parts = pair.elements(), let name = parts.next()?.string, let value = parts.next() else {
            throw LineError("a header in an array is a pair of name and value")
        }
        let read = Header(name, try bytes(value))
        guard parts.next() == nil else { throw LineError("a header in an array is a pair of name and value") }
        return read
    }

    private static func bytes(_ value: JSONValue) throws(LineError) -> [UInt8]? {
        if value.isNull { return nil }
        if let text = value.utf8 { return Array(copying: text) }
        guard var fields = value.fields(), let only = fields.next(), only.isNamed("b64") else {
            throw LineError("the value of a header is a string, null or {\"b64\": …}")
        }
        return try AppendLine.base64(only.value, called: "b64")
    }
}

extension [UInt8] {
    init(copying bytes: RawSpan) {
        // Safe: copied inside the call.
        self = unsafe bytes.withUnsafeBytes { unsafe Array($0) }
    }
}
