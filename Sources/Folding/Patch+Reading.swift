internal import Core
internal import Domain
internal import Wire

extension UnreadRecords.Patch {
    /// What these bytes say in the record's place; `nil` when they are nothing that may lie there.
    public func read<Reader: FactReader & ~Copyable>(by reader: inout Reader) -> RecordReading<Reader.Fact>? {
        do throws(WireError) {
            // Safe: bytes are plain integers.
            let reading = try reader.read(unsafe value.span.bytes)
            switch reading {
            case .fact(_, let type, _), .passed(let type, _):
                return type.misplacement(among: EventFamily(topic: place.topic.text)) == nil ? reading : nil
            case .unknownType, .unknownVersion: return nil
            }
        } catch { return nil }
    }
}
