internal import JSON
internal import Postgres
internal import Synchronization

/// How far a projection was when it was read: the first offset of each input that an answer does not reflect yet.
struct ReadPlace: Sendable, Hashable {
    let projection: String
    let version: Int64
    /// How often its owners committed, and how often it changed hands: other numbers, other rows.
    let commits: Int64
    let epochs: Int64

    static func standing(_ projection: String) -> String {
        """
        SELECT v.version::bigint AS version, coalesce(sum(c.commit_no), 0)::bigint AS commits,
            coalesce(sum(c.epoch), 0)::bigint AS epochs
        FROM projection_versions AS v LEFT JOIN projection_checkpoints AS c USING (projection, version)
        WHERE v.projection = '\(projection)' AND v.state = 'serving' GROUP BY v.version
        """
    }

    init(projection: String, version: Int64, commits: Int64, epochs: Int64) {
        self.projection = projection
        self.version = version
        self.commits = commits
        self.epochs = epochs
    }

    /// The header's text: `executions/1 torghut.control.v1=4 torghut.decisions.v1=12,0,7`, partitions in order.
    ///
    /// Where every partition of a projection reads an input by itself, the one that is furthest behind counts.
    func text(vectors: [String]) -> String {
        var next: [String: [Int32: Int64]] = [:]
        var parser = JSONParser()
        for vector in vectors {
            // Ours, and therefore whole; one that is not says nothing.
            guard let root = try? parser.parse(Array(vector.utf8)), var fields = root.fields() else { continue }
            while let field = fields.next() {
                let parts = field.name.split(separator: "/")
                guard parts.count == 2, let partition = Int32(parts[1]), let offset = field.value.field("next")?.int64
                else { continue }
                let known = next[String(parts[0])]?[partition] ?? .max
                next[String(parts[0]), default: [:]][partition] = min(known, offset)
            }
        }
        let inputs = next.sorted { $0.key < $1.key }.map { topic, places in
            let last = places.keys.max() ?? 0
            return "\(topic)=" + (0...last).map { "\(places[$0] ?? 0)" }.joined(separator: ",")
        }
        return (["\(projection)/\(version)"] + inputs).joined(separator: " ")
    }
}

/// The texts of places that were asked for lately, one for each projection.
final class KnownPlaces: Sendable {
    private let known = Mutex<[String: (place: ReadPlace, text: String)]>([:])

    subscript(place: ReadPlace) -> String? {
        known.withLock { known in known[place.projection].flatMap { $0.place == place ? $0.text : nil } }
    }

    func keep(_ text: String, of place: ReadPlace) { known.withLock { $0[place.projection] = (place, text) } }
}
