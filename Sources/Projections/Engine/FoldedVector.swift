public import Core
internal import JSON

/// How far a projection's partition has folded each of its inputs, with the record it folded last.
///
/// Rows and root are a function of this vector alone, in whatever order the inputs came together.
public struct FoldedVector: Hashable, Sendable {
    public struct Place: Hashable, Sendable {
        /// The first offset that is not folded yet.
        public var next: Int64
        /// The last record that was read before it, so that another record in its place is noticed.
        public var anchor: Anchor?

        public init(next: Int64, anchor: Anchor? = nil) {
            self.next = next
            self.anchor = anchor
        }
    }

    private var places: [TopicPartition: Place]

    public init(_ places: [TopicPartition: Place] = [:]) { self.places = places }

    public subscript(source: TopicPartition) -> Place? {
        get { places[source] }
        set { places[source] = newValue }
    }

    public var sources: [TopicPartition] { places.keys.sorted() }

    /// True when this vector is at or past the other in each of its inputs.
    public func covers(_ other: FoldedVector) -> Bool {
        other.places.allSatisfy { source, place in (places[source]?.next ?? 0) >= place.next }
    }

    /// How many offsets lie between an earlier vector and this one.
    public func distance(from earlier: FoldedVector) -> Int64 {
        places.reduce(0) { sum, place in sum + place.value.next - (earlier.places[place.key]?.next ?? 0) }
    }

    /// The same positions, whatever the anchors.
    public func isSamePlace(as other: FoldedVector) -> Bool { covers(other) && other.covers(self) }
}

/// The one text of a vector: what the checkpoint stores, and what the fence compares.
extension FoldedVector {
    public var text: String {
        var writer = JSONWriter()
        writer.beginObject()
        for source in sources {
            guard let place = places[source] else { continue }
            writer.key(source.description)
            writer.beginObject()
            writer.key("next")
            writer.integer(place.next)
            if let anchor = place.anchor {
                writer.key("last")
                writer.integer(anchor.offset)
                writer.key("timestamp")
                writer.integer(anchor.timestamp)
                writer.key("hash")
                // As text: readers of JSON lose digits of large numbers.
                writer.string(String(anchor.hash, radix: 16))
            }
            writer.endObject()
        }
        writer.endObject()
        return String(decoding: writer.finish(), as: UTF8.self)
    }

    public init(text: String) throws(RowFault) {
        var parser = JSONParser()
        do {
            let root = try parser.parse(Array(text.utf8))
            guard var fields = root.fields() else { throw RowFault("a vector is no object") }
            var places: [TopicPartition: Place] = [:]
            while let field = fields.next() { places[try Self.source(field.name)] = try Self.place(field.value) }
            self.init(places)
        } catch let fault as RowFault {
            throw fault
        } catch { throw RowFault("a vector is no JSON: \(error)") }
    }

    private static func source(_ name: String) throws(RowFault) -> TopicPartition {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let partition = Int32(parts[1]) else { throw RowFault("'\(name)' is no partition") }
        return TopicPartition(String(parts[0]), partition)
    }

    private static func place(_ value: JSONValue) throws(RowFault) -> Place {
        guard let next = value.field("next")?.int64 else { throw RowFault("a position is missing in a vector") }
        guard let offset = value.field("last")?.int64, let timestamp = value.field("timestamp")?.int64,
            let digits = value.field("hash")?.string, let hash = UInt64(digits, radix: 16)
        else { return Place(next: next) }
        return Place(next: next, anchor: Anchor(offset: offset, timestamp: timestamp, hash: hash))
    }
}
