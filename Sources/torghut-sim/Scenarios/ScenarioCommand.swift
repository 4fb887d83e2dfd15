import HTTPClient

/// `torghut-sim scenario`: starts one in the simulated broker's process, as the button does, and says what it says.
enum ScenarioCommand {
    static func run(_ arguments: ArraySlice<String>) async throws {
        guard let name = arguments.first, let scenario = Scenario(rawValue: name) else {
            throw Options.Problem(
                what: "a scenario is one of " + Scenario.allCases.map(\.rawValue).joined(separator: ", "))
        }
        let options = try Options(
            arguments.dropFirst(), valued: ["broker", "runner", "api", "token-file", "seconds"], switches: [])
        let broker = Escaping.base(try options.required("broker"))
        let pool = HTTPPool(lanes: 1, limits: HTTPLimits(totalTimeout: .seconds(90)))
        if let runner = options["runner"] {
            _ = try await ask(pool, .post, broker + "/_sim/lean", .object(["to": .string(runner)]))
        }
        var state = try await ask(pool, .post, broker + "/_sim/scenario/" + name, try wishes(options))
        var last = tell(state, 0)
        while scenario != .calm, state["running"]?.string == name {
            try await Task.sleep(for: .milliseconds(250))
            state = try await ask(pool, .get, broker + "/_sim/scenario?after=\(last)", nil)
            last = tell(state, last)
        }
    }

    private static func wishes(_ options: Options) throws(Options.Problem) -> Tree {
        var fields: [Tree.Field] = []
        guard (options["api"] == nil) == (options["token-file"] == nil) else {
            throw Options.Problem(what: "--api and --token-file belong together")
        }
        if let api = options["api"], let file = options["token-file"] {
            fields = [.init(name: "api", value: .string(api)), .init(name: "token_file", value: .string(file))]
        }
        if options.has("seconds") {
            fields.append(.init(name: "seconds", value: .count(try options.number("seconds", or: 0, in: 1...3_600))))
        }
        return .object(fields)
    }

    /// The number of the last line.
    private static func tell(_ state: Tree, _ last: Int) -> Int {
        for line in state["lines"]?.elements ?? [] {
            Saying.line("\(line["scenario"]?.string ?? ""): \(line["text"]?.string ?? "")")
        }
        return state["last"]?.integer ?? last
    }

    private struct Refused: Error, CustomStringConvertible {
        let description: String
    }

    private static func ask(
        _ pool: HTTPPool, _ method: HTTPRequest.Method, _ url: String, _ body: Tree?
    ) async throws -> Tree {
        let response = try await pool.exchange(HTTPRequest(method, url, body: body?.bytes ?? [])).result.get()
        guard (200..<300).contains(response.status), let tree = Tree(response.body) else {
            let text = String(decoding: response.body.prefix { $0 != 10 }, as: UTF8.self)
            throw Refused(description: "the simulator says \(response.status): \(text)")
        }
        return tree
    }
}
