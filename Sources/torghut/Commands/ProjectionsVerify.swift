import Core
import Projections
import Runtime

/// Whether the rows that readers see are those that were folded.
enum ProjectionsVerify {
    static let command = Command(
        "projections verify", "compare stored rows with what was folded",
        details: """
            Adds up the rows of each partition and compares them with the root that was committed with them. Where \
            they differ the log is folded again beside them, and every row is named that was edited, is missing, or is \
            there and should not be. The projector may run meanwhile.
            """,
        options: [.switched("all", "every projection, as without a name")], operand: ProjectionChoice.operand,
        answerNo: "rows differ; each is named"
    ) { invocation in
        let types = try ProjectionChoice.types(invocation, allByDefault: true)
        let settings = try invocation.settings()
        let database = try invocation.database(settings)
        return try await OpenedLog.using(settings, to: .read) { opened in
            let status = ProjectionStatus(log: opened.log, database: database, types)
            let verification = Verification(log: opened.log, database: database, observer: SpokenObserver())
            var rows = Listing("projection", "version", "rows", "root", "ok", "wrong_partitions", "findings")
            var findings = Listing("table", "partition", "kind", "key", "columns")
            var (isGood, found, listed) = (true, 0, 0)
            let serving = try await ProjectionChoice.serving(types, status)
            for (version, standing) in serving {
                guard version.fold == standing.type.fold else {
                    StandardError.line(
                        "\(version.projection): made by fold \(version.fold), this program has \(standing.type.fold); "
                            + "'torghut projections rebuild \(version.projection)' first")
                    isGood = false
                    continue
                }
                let report = try await verification.run(standing)
                isGood = isGood && report.wrong.isEmpty
                (found, listed) = (found + report.findingCount, listed + report.findings.count)
                rows.add(
                    .text(report.projection), .number(Int64(report.version)), .number(Int64(report.rows)),
                    .text(report.root.description), .flag(report.wrong.isEmpty),
                    .text(report.wrong.map { "\($0)" }.joined(separator: ",")), .number(Int64(report.findingCount)))
                for finding in report.findings {
                    findings.add(
                        .text(finding.table), .number(Int64(finding.partition)), .text(finding.kind.rawValue),
                        .text(finding.key), .text(finding.columns.joined(separator: ",")))
                }
            }
            try rows.print(json: invocation.json)
            if listed > 0 { try findings.print(json: invocation.json) }
            if found > listed { StandardError.line("the first \(listed) of \(found) rows that differ are named") }
            if !invocation.json {
                try StandardOutput().line(
                    isGood
                        ? "ok: \(serving.count) projections"
                        : found > 0
                            ? "no: \(found) rows are not as they were folded" : "no: not every root is as it was folded"
                )
            }
            return isGood ? .ok : .no
        }
    }
}
