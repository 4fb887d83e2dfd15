internal import API
internal import Core
internal import HTTPServer
internal import JSON
internal import Wire

/// The equity curve of a backtest, as the runner keeps it beside the report: the read model holds its hash alone.
struct BacktestEquity: Sendable {
    static let file = "equity.jsonl"
    /// As many as a configuration may ask for.
    static let maximumPoints = 10_000

    private struct Point: Sendable {
        let time: String
        let equity: String
        let exposure: String
    }

    /// Of the bytes as they came: the same as among the run's artifacts, or it is another file.
    private let sha256: String
    private let points: [Point]

    struct Fault: Error {}

    init(_ bytes: [UInt8]) throws(Fault) {
        sha256 = "\(EventMint.content(bytes))"
        var points: [Point] = []
        var parser = JSONParser()
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            guard points.count < Self.maximumPoints, let root = try? parser.parse(Array(line)),
                let time = root.field("ts")?.string, let equity = root.field("equity")?.string,
                let exposure = root.field("exposure")?.string
            else { throw Fault() }
            points.append(Point(time: time, equity: equity, exposure: exposure))
        }
        self.points = points
    }

    static let shape = Shape.object(
        [
            Shape.Field("backtest_id", .any), Shape.Field("file", .any),
            Shape.Field("sha256", .name(maximum: 64), "Of the file; the run's artifacts say what it has to be."),
            Shape.Field(
                "points",
                .list(
                    .object(
                        [Shape.Field("ts", .any), Shape.Field("equity", .any), Shape.Field("exposure", .any)],
                        isClosed: true), maximum: maximumPoints), "In the order of time."),
        ], isClosed: true)

    func text(_ id: String) -> [UInt8] {
        var json = JSONWriter(reserving: 256 + points.count * 96)
        json.object { json in
            json.key("backtest_id")
            json.string(id)
            json.key("file")
            json.string(Self.file)
            json.key("sha256")
            json.string(sha256)
            json.key("points")
            json.array { json in
                for point in points {
                    json.object { json in
                        json.key("ts")
                        json.string(point.time)
                        json.key("equity")
                        json.string(point.equity)
                        json.key("exposure")
                        json.string(point.exposure)
                    }
                }
            }
        }
        return json.finish()
    }
}

extension BacktestOperations {
    var equity: Operation {
        Operation(
            .get, "/trading/lean/backtests/{id}/equity", id: "getBacktestEquity",
            "The equity curve of a backtest that has a result, from the runner.", parameters: [Self.id],
            answers: [Operation.Answer(200, "Point by point.", BacktestEquity.shape)],
            problems: [.notFound, .conflict, .runnerUnavailable]
        ) { call in
            let id = call.part("id")
            let bytes = try await asking { runner async throws(BacktestRunnerDesk.Refusal) in
                try await runner.artifact(BacktestEquity.file, of: id)
            }
            do throws(BacktestEquity.Fault) { return .json(try BacktestEquity(bytes).text(id)) } catch {
                throw Problem(.runnerUnavailable, "the runner's file is no equity curve")
            }
        }
    }
}
