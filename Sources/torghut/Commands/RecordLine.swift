import Core
import JSON

/// A record as `log read` prints it.
struct RecordLine {
    enum Form {
        case json
        /// The value's bytes alone.
        case values
    }

    let form: Form

    func append(_ entry: RecordBatch.Entry, of batch: RecordBatch, to lines: inout JSONWriter) {
        switch form {
        case .json:
            lines.beginObject()
            let source = batch.source(of: entry)
            lines.key("topic")
            lines.string(source.topic)
            lines.key("partition")
            lines.integer(source.partition)
            lines.key("offset")
            lines.integer(entry.offset)
            lines.key("timestamp")
            lines.integer(entry.timestamp)
            field("key", "key_b64", entry.key, batch, &lines)
            field("value", "value_b64", entry.value, batch, &lines)
            lines.key("headers")
            headers(batch.headers(of: entry), &lines)
            lines.endObject()
        case .values:
            if let value = batch.bytes(of: entry.value) { lines.raw(value) }
        }
        lines.newline()
    }

    private func field(
        _ name: StaticString, _ base64: StaticString, _ field: RecordBatch.Field, _ batch: RecordBatch,
        _ lines: inout JSONWriter
    ) {
        guard let bytes = batch.bytes(of: field) else {
            lines.key(name)
            lines.null()
            return
        }
        if JSONText.isUTF8(bytes) {
            lines.key(name)
            lines.string(utf8: bytes)
        } else {
            lines.key(base64)
            lines.string(utf8: Base64.encode(bytes))
        }
    }

    /// An object; an array of pairs where names repeat, because an object cannot say that.
    private func headers(_ headers: [Header], _ lines: inout JSONWriter) {
        let names = headers.map(\.name)
        guard headers.count > 1, Set(names).count < headers.count else {
            lines.object { lines in
                for header in headers {
                    lines.key(header.name)
                    Self.value(header.value, &lines)
                }
            }
            return
        }
        lines.array { lines in
            for header in headers {
                lines.array { pair in
                    pair.string(header.name)
                    Self.value(header.value, &pair)
                }
            }
        }
    }

    private static func value(_ bytes: [UInt8]?, _ lines: inout JSONWriter) {
        guard let bytes else { return lines.null() }
        if JSONText.isUTF8(bytes) { return lines.string(utf8: bytes) }
        lines.object { object in
            object.key("b64")
            object.string(utf8: unsafe Base64.encode(bytes.span.bytes))
        }
    }
}
