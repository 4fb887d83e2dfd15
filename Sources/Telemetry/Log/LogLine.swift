internal import Core

/// How long a log line may be.
public enum LogLineLimits {
    /// The whole line with its newline: what Linux writes to a pipe in one piece (`PIPE_BUF`).
    public static let maximumLineBytes = 4_096
    /// One text as it stands in the line; a longer one is cut and ends in an ellipsis.
    public static let maximumTextBytes = 1_024
}

/// One JSON object on one line, as it grows; it is valid and within its limit whatever is put into it.
struct LogLine {
    private static let droppedName = "fields_dropped"
    /// Room for the count of dropped fields, the brace and the newline.
    private static let reservedBytes = 48

    private var line: [UInt8] = [UInt8(ascii: "{")]
    private var names: Set<String> = [droppedName]
    private var dropped = 0

    /// Adds a field, or counts it as dropped when there is no room.
    ///
    /// A name that is taken gets an underscore: a repeated key would hide one of the two from most readers.
    mutating func add(_ name: String, _ value: LogField) {
        var unique = name
        while names.contains(unique) { unique += "_" }
        var field: [UInt8] = line.count > 1 ? [UInt8(ascii: ",")] : []
        JSONText.append(unique, to: &field, limit: LogLineLimits.maximumTextBytes)
        field.append(UInt8(ascii: ":"))
        Self.append(value, to: &field)
        guard line.count + field.count <= LogLineLimits.maximumLineBytes - Self.reservedBytes else {
            dropped += 1
            return
        }
        names.insert(unique)
        line += field
    }

    consuming func finish() -> [UInt8] {
        if dropped > 0 { line += Array(",\"\(Self.droppedName)\":\(dropped)".utf8) }
        line += Array("}\n".utf8)
        return line
    }

    private static func append(_ value: LogField, to field: inout [UInt8]) {
        switch value {
        case .text(let text): JSONText.append(text, to: &field, limit: LogLineLimits.maximumTextBytes)
        case .integer(let number): field += Array("\(number)".utf8)
        case .number(let number) where number.isFinite: field += Array("\(number)".utf8)
        case .number(let number): append(.text("\(number)"), to: &field)  // JSON has no word for it.
        case .flag(let flag): field += Array("\(flag)".utf8)
        case .duration(let duration): seconds(duration).write(to: &field)
        case .timestamp(let time): append(.text(time.description), to: &field)
        case .amount(let amount): append(.text(amount.description), to: &field)
        }
    }

    private static func seconds(_ duration: Duration) -> Amount {
        let parts = duration.components
        return Amount(units: Int128(parts.seconds) * Amount.unitsPerOne + Int128(parts.attoseconds / 1_000_000_000))
    }
}
