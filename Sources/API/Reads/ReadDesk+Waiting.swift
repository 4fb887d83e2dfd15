internal import Postgres

extension ReadDesk {
    /// How often it is looked whether a read model has come so far.
    static let lookEvery: Duration = .milliseconds(20)

    /// Whether the read model reflects a record, now or within the limit; false also when nobody can say.
    public func reaches(
        _ offset: Int64, of topic: String, _ partition: Int32, projection: String, within limit: Duration
    ) async -> Bool {
        let deadline = ContinuousClock.now + limit
        while !Task.isCancelled {
            // A database that is away may come back within the limit.
            let next = try? await next(topic, partition, projection)
            if let next, next > offset { return true }
            guard ContinuousClock.now < deadline else { return false }
            do { try await Task.sleep(for: Self.lookEvery) } catch { return false }
        }
        return false
    }

    private func next(_ topic: String, _ partition: Int32, _ projection: String) async throws -> Int64? {
        let source = "\(topic)/\(partition)"
        return try await ask { session throws(PostgresError) in
            var parameters = Parameters()
            parameters.append(projection)
            parameters.append(partition)
            parameters.append(source)
            let rows = try session.query(
                keeping: """
                    SELECT (c.vector::json -> $3 ->> 'next')::bigint
                    FROM projection_versions AS v JOIN projection_checkpoints AS c USING (projection, version)
                    WHERE v.projection = $1 AND v.state = 'serving' AND c.log_partition = $2
                    """, parameters
            ).rows
            return rows.count > 0 ? rows.integer(0, 0) : nil
        }
    }
}
