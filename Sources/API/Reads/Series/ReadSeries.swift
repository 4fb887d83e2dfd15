internal import JSON
internal import Postgres

/// A read model in sum, bucket by bucket and over the whole stretch, all of it of one moment and by one reading.
///
/// Buckets without a row are left out. `$1` and `$2` are the ends of the stretch, `$3` is the length of a bucket.
struct ReadSeries: Sendable {
    struct Filter: Sendable {
        let parameter: Parameter
        /// The condition, with `$?` where the value stands.
        let condition: String
        /// What is taken when nothing was asked for; without it all rows count.
        let standard: String?

        init(_ name: String, _ shape: Shape, _ summary: String, where condition: String, unsaid standard: String? = nil)
        {
            parameter = Parameter(name, shape, summary)
            self.condition = condition
            self.standard = standard
        }
    }

    let projection: String
    /// Sums over `row`.
    let columns: [ReadColumn]
    /// Everything behind `FROM`; the rows in question are called `row`.
    let from: String
    var condition = "true"
    var filters: [Filter] = []
    /// The column of time that says which bucket a row is of.
    var time = "created_at"

    var parameters: [Parameter] { filters.map(\.parameter) + Stretch.parameters }

    var shape: Shape {
        .object(
            [
                Shape.Field("since", .timestamp), Shape.Field("until", .timestamp),
                Shape.Field("bucket", .choice(DecisionSpan.steps.map(\.name))),
                Shape.Field("total", .object(columns.map(\.field), isClosed: true), "Over the whole stretch."),
                Shape.Field(
                    "buckets",
                    .list(
                        .object([Shape.Field("at", .timestamp)] + columns.map(\.field), isClosed: true),
                        maximum: Int(DecisionSpan.maximumSteps)), "Oldest first; those without a row are left out."),
            ], isClosed: true)
    }

    /// Bucket and sums, and then the place; the sum over everything is the row without a bucket.
    func query(_ call: Call, _ stretch: Stretch) -> (sql: String, parameters: Parameters) {
        var parameters = stretch.ends
        parameters.append(stretch.seconds)
        var conditions = [
            "row.\(time) >= $1", "row.\(time) < $2", condition,
        ]
        for filter in filters {
            guard let value = call.text(filter.parameter.name) ?? filter.standard else { continue }
            parameters.append(value)
            conditions.append(filter.condition.replacing("$?", with: "$\(parameters.count)"))
        }
        let names = columns.map { "found.\($0.name)" }.joined(separator: ", ")
        let sql = """
            SELECT found.at, \(names), place.version, place.commits, place.epochs
            FROM (\(ReadPlace.standing(projection))) AS place LEFT JOIN (
                SELECT \(Self.bucket(of: "row.\(time)")) AS at, \(columns.map(\.selected).joined(separator: ", "))
                FROM \(from) WHERE \(conditions.joined(separator: " AND ")) GROUP BY GROUPING SETS ((1), ())
            ) AS found ON true ORDER BY found.at NULLS LAST
            """
        return (sql, parameters)
    }

    private static func bucket(of time: String) -> String {
        "date_bin($3::bigint * interval '1 second', \(time), timestamptz '1970-01-01 00:00:00+00')"
    }

    func written(_ rows: Rows, _ stretch: Stretch) -> [UInt8] {
        // The last row is the sum of all, also of none.
        let last = rows.count - 1
        var json = JSONWriter(reserving: 512 + rows.count * 256)
        json.object { json in
            json.key("since")
            json.string(stretch.since)
            json.key("until")
            json.string(stretch.until)
            json.key("bucket")
            json.string(stretch.name)
            json.key("total")
            json.beginObject()
            write(rows, last, to: &json)
            json.endObject()
            json.key("buckets")
            json.beginArray()
            for row in 0..<last {
                json.beginObject()
                json.key("at")
                if let bytes = rows.bytes(row, 0) { json.string(RowText.time(bytes)) } else { json.null() }
                write(rows, row, to: &json)
                json.endObject()
            }
            json.endArray()
        }
        return json.finish()
    }

    private func write(_ rows: Rows, _ row: Int, to json: inout JSONWriter) {
        for (index, column) in columns.enumerated() {
            json.key(column.name)
            column.write(rows, row, index + 1, to: &json)
        }
    }
}
