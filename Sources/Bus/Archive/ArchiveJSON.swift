internal import Core
internal import JSON

/// The few shapes that the manifest and the restore map are made of.
extension JSONWriter {
    mutating func field(_ name: StaticString, _ text: String) {
        key(name)
        string(text)
    }

    mutating func field(_ name: StaticString, _ number: some FixedWidthInteger) {
        key(name)
        integer(number)
    }

    mutating func source(_ source: TopicPartition) {
        field("topic", source.topic)
        field("partition", source.partition)
    }

    /// An array of objects, one member function call each.
    mutating func list<Element>(
        _ name: StaticString, _ elements: [Element], _ write: (inout JSONWriter, Element) -> Void
    ) {
        key(name)
        array { json in
            for element in elements { json.object { write(&$0, element) } }
        }
    }
}

extension JSONValue {
    /// Every element of an array member read the same way, or `nil` when one of them cannot be.
    func list<Element>(_ name: StaticString, _ read: (JSONValue) -> Element?) -> [Element]? {
        guard let member = field(name), var elements = member.elements() else { return nil }
        var all: [Element] = []
        while let value = elements.next() {
            guard let element = read(value) else { return nil }
            all.append(element)
        }
        return all
    }
}

extension TopicPartition {
    /// From the members `topic` and `partition`.
    init?(_ value: JSONValue) {
        guard let topic = value.field("topic")?.string, let number = value.field("partition")?.int64,
            let partition = Int32(exactly: number)
        else { return nil }
        self.init(topic, partition)
    }
}
