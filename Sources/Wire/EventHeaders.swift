public import Core
public import Domain

/// The Kafka headers of an event: the CloudEvents 1.0 Kafka binding (binary mode) and W3C trace context.
///
/// They serve consumers that route by header. Our own readers take everything from the envelope.
public struct EventHeaders: Sendable, Equatable {
    public let id: EventID
    public let type: String
    public let source: String
    public let time: Timestamp
    public let story: StoryID?

    /// The headers of an event, in a fixed order.
    public static func of(_ event: Event) -> [Header] {
        let envelope = event.envelope
        return [
            specVersion,
            header("ce_id", 36) { envelope.eventID.append(to: &$0) },
            Header("ce_type", Array(event.content.type.name.utf8)),
            header("ce_source", sourcePrefix.utf8.count + envelope.source.text.utf8.count) { value in
                value.append(contentsOf: sourcePrefix.utf8)
                for byte in envelope.source.text.utf8 { escape(byte, into: &value) }
            },
            header("ce_time", 30) { envelope.eventTime.write(to: &$0) },
            contentType,
            Header("traceparent", TraceParent.bytes(of: envelope)),
        ]
    }

    /// The same for every event: made once.
    private static let specVersion = Header("ce_specversion", Array("1.0".utf8))
    private static let contentType = Header("content-type", Array("application/json".utf8))

    private static func header(_ name: String, _ bytes: Int, _ write: (inout [UInt8]) -> Void) -> Header {
        var value: [UInt8] = []
        value.reserveCapacity(bytes)
        write(&value)
        return Header(name, value)
    }

    /// Why headers are none of an event.
    public enum Fault: Error, Equatable, Sendable {
        case missing(String)
        case repeated(String)
        case invalid(String, String)
    }

    /// What the headers say; names it does not know are ignored, and so is a trace that breaks the standard.
    public init(reading headers: [Header]) throws(Fault) {
        let version = try Self.text("ce_specversion", in: headers)
        guard version == "1.0" else { throw .invalid("ce_specversion", "only 1.0 is read") }
        id = try Self.value("ce_id", in: headers)
        type = try Self.text("ce_type", in: headers)
        source = try Self.text("ce_source", in: headers)
        time = try Self.value("ce_time", in: headers)
        let traced = headers.contains { $0.name == "traceparent" }
        story = traced ? TraceParent.story(of: try Self.text("traceparent", in: headers)) : nil
    }

    private static func value<Value: FieldText>(_ name: String, in headers: [Header]) throws(Fault) -> Value {
        let text = try text(name, in: headers)
        do { return try unsafe Value.read(text.utf8.span.bytes) } catch { throw .invalid(name, error.description) }
    }

    private static func text(_ name: String, in headers: [Header]) throws(Fault) -> String {
        var found: String?
        for header in headers where header.name == name {
            guard found == nil else { throw .repeated(name) }
            guard let text = String(validating: header.value ?? [], as: UTF8.self) else {
                throw .invalid(name, "not UTF-8")
            }
            found = text
        }
        guard let found, !found.isEmpty else { throw .missing(name) }
        return found
    }

    /// CloudEvents asks for a URI reference.
    private static let sourcePrefix = "/torghut/"

    private static func escape(_ byte: UInt8, into value: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"),
            UInt8(ascii: "~"), UInt8(ascii: "/"):
            value.append(byte)
        default:
            let digits = String(byte, radix: 16, uppercase: true)
            value.append(contentsOf: ("%" + (digits.count == 1 ? "0" : "") + digits).utf8)
        }
    }
}

extension EventEncoder {
    /// The record that carries the event: topic and key follow from what it is.
    public mutating func record(_ event: Event) -> NewRecord {
        NewRecord(
            topic: event.content.type.family.topic.name, key: event.key, value: encode(event),
            headers: EventHeaders.of(event))
    }

    /// Events of ours on their way to one append, each on the partition that its key belongs into.
    public static func records(of events: [Event]) -> [NewRecord] {
        var encoder = EventEncoder()
        return events.map { event in
            var record = encoder.record(event)
            let partitions = event.content.type.family.topic.spec.partitions
            record.partition = record.key.map { Murmur2Partitioner.partition(forKey: $0, of: partitions) } ?? 0
            return record
        }
    }
}
