internal import JSON

/// What `/db-check` says of a database that answers.
struct Report: Sendable {
    let server: Int
    let isEncrypted: Bool
    let serving: [(projection: String, version: Int64, fold: Int64)]

    static let shape = Shape.object(
        [
            Shape.Field("ok", .boolean), Shape.Field("server_version", .integer(0 ... .max)),
            Shape.Field("tls", .boolean), Shape.Field("latency_us", .integer(0 ... .max)),
            Shape.Field(
                "serving",
                .list(
                    .object(
                        [
                            Shape.Field("projection", .any), Shape.Field("version", .integer(0 ... .max)),
                            Shape.Field("fold", .integer(0 ... .max)),
                        ], isClosed: true), maximum: 1_000)),
        ], isClosed: true)

    func written(_ latency: Duration) -> [UInt8] {
        let parts = latency.components
        var json = JSONWriter()
        json.object { json in
            json.key("ok")
            json.bool(true)
            json.key("server_version")
            json.integer(server)
            json.key("tls")
            json.bool(isEncrypted)
            json.key("latency_us")
            json.integer(parts.seconds * 1_000_000 + parts.attoseconds / 1_000_000_000_000)
            json.key("serving")
            json.array { json in
                for row in serving {
                    json.object { json in
                        json.key("projection")
                        json.string(row.projection)
                        json.key("version")
                        json.integer(row.version)
                        json.key("fold")
                        json.integer(row.fold)
                    }
                }
            }
        }
        return json.finish()
    }
}
