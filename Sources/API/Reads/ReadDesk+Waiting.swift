internal import Postgres

extension ReadDesk {
    /// How often it is looked whether a read model has come so far.
    static let lookEvery: Duration = .milliseconds(20)

    /// Whether these read models reflect a record, now or within the limit; false also when nobody can say.
    public func reach(
        _ offset: Int64, of topic: String, _ partition: Int32, projections: [String], within limit: Duration
    ) async -> Bool {
        let deadline = ContinuousClock.now + limit
        for projection in projections {
            while true {
                // A database that is away may come back within the limit.
                if let next = try? await next(topic, partition, projection), next > offset { break }
                guard !Task.isCancelled, ContinuousClock.now < deadline else { return false }
                do { try await Task.sleep(for: Self.lookEvery) } catch { return false }
            }
        }
        return true
    }

    /// Where several partitions of a projection read the input, the one that is furthest behind counts.
    private func next(_ topic: String, _ partition: Int32, _ projection: String) async throws -> Int64? {
        let source = "\(topic)/\(partition)"
        return try await ask { session throws(PostgresError) in
            var parameters = Parameters()
            parameters.append(projection)
            parameters.append(source)
            let rows = try session.query(
                keeping: """
                    SELECT min((c.vector::json -> $2 ->> 'next')::bigint)
                    FROM projection_versions AS v JOIN projection_checkpoints AS c USING (projection, version)
                    WHERE v.projection = $1 AND v.state = 'serving'
                    """, parameters
            ).rows
            return rows.count > 0 ? rows.integer(0, 0) : nil
        }
    }
}
