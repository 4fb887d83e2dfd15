internal import Postgres

/// The two ways a batch is written; each is one transaction, with the fence checked before any row.
extension OpenSession {
    /// At the head: everything in one round trip, as arrays.
    func writeArrays(_ batch: Batch, ring: Int, _ probe: WriteProbe) throws(PostgresError) {
        var parameters = Parameters()
        ColumnArrays([batch.steps], of: Batch.stepShape).append(to: &parameters)
        let steps = ColumnArrays.source(Batch.stepShape)
        var pipeline = [
            PipelineStep(try plan(WriteStatements.fence(from: steps)), parameters),
            PipelineStep(try plan(WriteStatements.keepRoots(from: steps, ring: ring)), parameters),
        ]
        for table in batch.tables {
            var parameters = Parameters()
            let definition = table.definition
            ColumnArrays(table.rows, of: definition.shape).append(to: &parameters)
            let source = ColumnArrays.source(definition.shape)
            let sql =
                definition.shape.name.kind == .transitions
                ? WriteStatements.append(definition, from: source) : WriteStatements.merge(definition, from: source)
            pipeline.append(PipelineStep(try plan(sql), parameters))
            if table.removesRows { pipeline.append(PipelineStep(try plan(WriteStatements.removeFolded(definition)))) }
        }
        probe.at(.begun)
        try session.sendPipeline(pipeline)
        probe.at(.sent)
        _ = try session.finishPipeline()
        probe.at(.committed)
    }

    /// Catching up: one query of several statements, as many waits as COPYs plus one.
    ///
    /// Rows in place of others are staged before the fence takes its lock, so that nobody waits while they travel;
    /// rows that are only added go straight into their table after it. Answers how many COPYs there were.
    @discardableResult
    func writeCopies(_ batch: Batch, ring: Int, _ probe: WriteProbe) throws(PostgresError) -> Int {
        let steps = try stage(Batch.stepShape, for: "projection_steps")
        var sql = ["COPY \(steps) FROM STDIN (FORMAT binary)"]
        var copies = [[batch.steps]]
        var merges: [String] = []
        for table in batch.tables where !table.merged.isEmpty {
            let source = try stage(table.definition.shape, for: table.definition.physical)
            sql.append("COPY \(source) FROM STDIN (FORMAT binary)")
            copies.append(table.merged)
            merges.append(WriteStatements.merge(table.definition, from: source))
            if table.removesRows { merges.append(WriteStatements.removeFolded(table.definition)) }
        }
        sql.append(WriteStatements.fence(from: steps))
        for table in batch.tables where !table.added.isEmpty {
            let columns = WriteStatements.columns(table.definition)
            sql.append("COPY \(table.definition.physical) (\(columns)) FROM STDIN (FORMAT binary)")
            copies.append(table.added)
        }
        sql += merges
        sql.append(WriteStatements.keepRoots(from: steps, ring: ring))
        try session.begin(sql.joined(separator: ";\n"))
        probe.at(.begun)
        for rows in copies {
            try session.openCopy()
            try session.feed(CopyFormat.header)
            for part in rows { try session.feed(part.bytes) }
            try session.feed(CopyFormat.trailer)
            probe.at(.copied)
            try session.closeCopy()
        }
        probe.at(.sent)
        _ = try session.finish()
        probe.at(.committed)
        return copies.count
    }
}
