internal import Core
internal import Domain
internal import JSON

/// Words that wait for their record, as the checkpoint keeps them.
extension QuarantineAction {
    static func text(of words: [QuarantineAction]) -> String {
        var writer = JSONWriter()
        writer.beginArray()
        for word in words {
            writer.beginObject()
            writer.key("topic")
            writer.string(word.target.source.topic)
            writer.key("partition")
            writer.integer(word.target.source.partition)
            writer.key("offset")
            writer.integer(word.target.offset)
            writer.key("said_at")
            writer.integer(word.offset)
            writer.key("word")
            switch word.kind {
            case .release: writer.string("release")
            case .skip: writer.string("skip")
            case .patch(let value):
                writer.string("patch")
                writer.key("value")
                // In hexadecimal: a patch may be any bytes.
                writer.string(value.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined())
            }
            writer.endObject()
        }
        writer.endArray()
        return String(decoding: writer.finish(), as: UTF8.self)
    }

    static func words(in text: [UInt8]) throws(RowFault) -> [QuarantineAction] {
        var parser = JSONParser()
        var words: [QuarantineAction] = []
        do {
            let root = try parser.parse(text)
            guard var elements = root.elements() else { throw RowFault("awaited words are no list") }
            while let element = elements.next() { words.append(try word(element)) }
        } catch let fault as RowFault {
            throw fault
        } catch { throw RowFault("awaited words are no JSON: \(error)") }
        return words
    }

    private static func word(_ value: JSONValue) throws(RowFault) -> QuarantineAction {
        let offset = value.field("offset")?.int64
        let saidAt = value.field("said_at")?.int64
        let partition = value.field("partition")?.int64
        guard let topic = value.field("topic")?.string, let offset, let saidAt,
            let partition = partition.flatMap({ Int32(exactly: $0) })
        else { throw RowFault("an awaited word names no record") }
        let kind: Kind
        switch value.field("word")?.string {
        case "release": kind = .release
        case "skip": kind = .skip
        case "patch": kind = .patch(try bytes(value.field("value")?.string ?? ""))
        default: throw RowFault("an awaited word is none of release, skip and patch")
        }
        return QuarantineAction(
            kind, target: RecordPosition(TopicPartition(topic, partition), offset), offset: saidAt)
    }

    private static func bytes(_ digits: String) throws(RowFault) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = digits[...]
        while !rest.isEmpty {
            guard let byte = UInt8(rest.prefix(2), radix: 16) else { throw RowFault("a patch is not hexadecimal") }
            bytes.append(byte)
            rest = rest.dropFirst(2)
        }
        return bytes
    }
}
