/// Which broker events were seen lately: a bounded memory that does not grow with history.
///
/// Two generations: when the younger is full it becomes the elder, and the elder is forgotten. So at least `capacity`
/// of the latest events are remembered, and at most twice as many.
public struct SeenEvents: Sendable, Equatable {
    public static let standardCapacity = 500_000

    private let capacity: Int
    private var younger: Set<ContentHash> = []
    private var elder: Set<ContentHash> = []

    public init(capacity: Int = standardCapacity) {
        precondition(capacity > 0, "a memory holds something")
        self.capacity = capacity
    }

    public func contains(_ fingerprint: ContentHash) -> Bool {
        younger.contains(fingerprint) || elder.contains(fingerprint)
    }

    public var count: Int { younger.count + elder.count }

    mutating func insert(_ fingerprint: ContentHash) {
        guard !younger.contains(fingerprint) else { return }
        if younger.count == capacity {
            elder = younger
            younger = []
        }
        younger.insert(fingerprint)
    }

    func write(to writer: inout StateWriter) {
        for generation in [younger, elder] {
            writer.number(UInt64(generation.count))
            for fingerprint in generation.sorted() {
                var fingerprint = fingerprint
                writer.field("fingerprint", &fingerprint, "An event that was seen.")
            }
        }
    }

    init(from reader: inout StateReader, capacity: Int = standardCapacity) throws(StateFault) {
        self.init(capacity: capacity)
        younger = try Self.generation(from: &reader, capacity)
        elder = try Self.generation(from: &reader, capacity)
    }

    private static func generation(
        from reader: inout StateReader, _ capacity: Int
    ) throws(StateFault) -> Set<ContentHash> {
        let count = try reader.number()
        guard count <= UInt64(capacity) else { throw StateFault("more events than are remembered") }
        var generation: Set<ContentHash> = []
        for _ in 0..<count {
            var fingerprint = ContentHash((0, 0, 0, 0))
            try reader.field("fingerprint", &fingerprint, "An event that was seen.")
            generation.insert(fingerprint)
        }
        return generation
    }
}
