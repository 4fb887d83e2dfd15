internal import Postgres

extension ReadDesk {
    /// How often it is looked whether a read model has come so far.
    static let lookEvery: Duration = .milliseconds(20)

    /// A record that read models may reflect.
    public struct Mark: Sendable {
        let source: String
        let offset: Int64
        /// A topic of one partition is read by every partition of a projection.
        let isReadByAll: Bool

        public init(_ topic: String, _ partition: Int32, _ offset: Int64, isReadByAll: Bool) {
            source = "\(topic)/\(partition)"
            self.offset = offset
            self.isReadByAll = isReadByAll
        }
    }

    /// Whether these read models reflect a record, now or within the limit; false also when nobody can say.
    public func reach(_ mark: Mark, projections: [String], within limit: Duration) async -> Bool {
        let deadline = ContinuousClock.now + limit
        for projection in projections {
            while true {
                // A database that is away may come back within the limit.
                if let next = try? await next(mark, projection), next > mark.offset { break }
                guard !Task.isCancelled, ContinuousClock.now < deadline else { return false }
                do { try await Task.sleep(for: Self.lookEvery) } catch { return false }
            }
        }
        return true
    }

    /// Where several partitions of a projection read the input, the one that is furthest behind counts; one that has
    /// not read any of it yet is behind all others.
    private func next(_ mark: Mark, _ projection: String) async throws -> Int64? {
        try await ask { session throws(PostgresError) in
            var parameters = Parameters()
            parameters.append(projection)
            parameters.append(mark.source)
            parameters.append(mark.isReadByAll)
            let rows = try session.query(
                keeping: """
                    SELECT CASE WHEN NOT $3 OR count(*) = count(c.vector::json -> $2)
                        THEN min((c.vector::json -> $2 ->> 'next')::bigint) END
                    FROM projection_versions AS v JOIN projection_checkpoints AS c USING (projection, version)
                    WHERE v.projection = $1 AND v.state = 'serving'
                    """, parameters
            ).rows
            return rows.count > 0 ? rows.integer(0, 0) : nil
        }
    }
}
