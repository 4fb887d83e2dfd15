internal import API
internal import Core
internal import Domain
internal import HTTPClient
internal import JSON

/// The simulated broker that is the one in use: asked for its scenarios, and to begin one.
///
/// There is none unless a setting names it, it is on this machine, orders go there, and it says of itself that it is a
/// simulator: nobody can make a real broker ill by a click.
struct SimulatorDesk: Sendable {
    static let setting = "TORGHUT_SIMULATOR_URL"
    private static let wait: Duration = .seconds(5)

    private let address: String
    private let pool = HTTPPool(
        lanes: 2,
        limits: HTTPLimits(connectTimeout: .seconds(1), totalTimeout: Self.wait, maximumResponseBytes: 1 << 20))

    /// `nil` when no simulator is named; a setting that must not count is a problem, and nothing starts.
    init?(_ settings: Settings) throws(SettingsProblems) {
        guard var named = settings.value(of: Self.setting) else { return nil }
        while named.hasSuffix("/") { named.removeLast() }
        let policy = settings.policy.policy
        var problems: [String] = []
        let host = named.hasPrefix("http://") ? named.dropFirst(7).prefix { $0 != ":" && $0 != "/" } : ""
        if !["127.0.0.1", "localhost"].contains(host) {
            problems.append("\(Self.setting) is '\(named)'; a simulator is at http://127.0.0.1:PORT")
        }
        if policy.routing.alpacaAddress?.text != named {
            problems.append("\(Self.setting) is not the broker in use (APCA_API_BASE_URL)")
        }
        if policy.trading.mode != .paper { problems.append("\(Self.setting) is for paper trading only") }
        guard problems.isEmpty else { throw SettingsProblems(problems: problems) }
        address = named
    }

    struct Scene: Sendable {
        let name: String
        let title: String
        let what: String
    }

    struct Line: Sendable {
        let number: Int
        let at: String
        let scenario: String
        let text: String
    }

    /// What goes on at the simulator, and what could.
    struct State: Sendable {
        let running: String?
        let since: String?
        let scenes: [Scene]
        let lines: [Line]
    }

    func state() async throws(Problem) -> State {
        try Self.read(try await ask(.get, "/_sim/scenario", []))
    }

    /// Begins one; the simulator ends it by itself.
    func begin(_ name: String, by actor: String, for reason: String) async throws(Problem) -> State {
        // Nothing is sent to anybody who has not just said what he is.
        guard try await state().scenes.contains(where: { $0.name == name }) else {
            throw Problem(.notFound, "the simulator has no such scenario")
        }
        var body = JSONWriter()
        body.object { json in
            json.key("by")
            json.string(actor)
            json.key("reason")
            json.string(reason)
        }
        return try Self.read(try await ask(.post, "/_sim/scenario/\(name)", body.finish()))
    }

    private func ask(_ method: HTTPRequest.Method, _ path: String, _ body: [UInt8]) async throws(Problem) -> [UInt8] {
        switch await pool.exchange(HTTPRequest(method, address + path, body: body)).result {
        case .failure: throw Problem(.simulatorUnavailable, "the simulator does not answer")
        case .success(let response):
            switch response.status {
            case 200..<300: return response.body
            case 409:
                let why = String(decoding: response.body.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
                throw Problem(.conflict, why)
            case 500...: throw Problem(.simulatorUnavailable, "the simulator does not answer as it should")
            default: throw Problem(.notFound, "the broker in use is no simulator")
            }
        }
    }

    private static func read(_ bytes: [UInt8]) throws(Problem) -> State {
        var parser = JSONParser()
        do {
            let root = try parser.parse(bytes)
            guard root.field("simulator")?.string == "torghut-sim" else {
                throw Problem(.notFound, "the broker in use is no simulator")
            }
            var (scenes, lines): ([Scene], [Line]) = ([], [])
            var list = root.field("scenarios")?.elements()
            while let scene = list?.next() {
                scenes.append(
                    Scene(name: scene.text("name"), title: scene.text("title"), what: scene.text("what")))
            }
            list = root.field("lines")?.elements()
            while let line = list?.next() {
                lines.append(
                    Line(
                        number: Int(line.field("number")?.sourceText ?? "") ?? 0, at: line.text("at"),
                        scenario: line.text("scenario"), text: line.text("text")))
            }
            return State(
                running: root.field("running")?.string, since: root.field("since")?.string, scenes: scenes,
                lines: Array(lines.suffix(SimulatorOperations.maximumLines)))
        } catch let problem as Problem { throw problem } catch {
            throw Problem(.notFound, "the broker in use is no simulator")
        }
    }
}

extension JSONValue {
    fileprivate func text(_ name: StaticString) -> String { field(name)?.string ?? "" }
}
