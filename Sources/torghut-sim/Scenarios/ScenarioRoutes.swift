import Core
import HTTPServer

/// `/_sim/scenario`: what goes on, and what shall.
struct ScenarioRoutes: Sendable {
    let desk: ScenarioDesk

    func add(to routes: inout HTTPRoutes) {
        routes.on("GET", "/_sim/scenario") { request, _ in
            guard let after = Int(request.query("after") ?? "0") else {
                return .text("after is a number\n", status: 400)
            }
            return .tree(state(after: after))
        }
        routes.on("POST", "/_sim/scenario/:name") { request, parameters in
            guard let scenario = Scenario(rawValue: parameters["name"]) else {
                return .text("there is no such scenario\n", status: 404)
            }
            guard let wishes = ScenarioWishes(request.body) else {
                return .text(
                    "api and token_file (a file with a token) belong together; seconds is 1 to 3600\n", status: 400)
            }
            let last = desk.state(after: .max).last
            do throws(ScenarioDesk.Refusal) { try await desk.start(scenario, wishes) } catch {
                switch error {
                case .busy(let other): return .text("\(other.rawValue) goes on; calm ends it\n", status: 409)
                case .impossible(let why): return .text(why + "\n", status: 409)
                }
            }
            return .tree(state(after: last), status: 202)
        }
        routes.on("GET", "/_sim/lean") { _, _ in
            .tree(
                .object([
                    "to": .text(desk.sources.front?.target), "submits": .count(desk.sources.front?.submits ?? 0),
                ]))
        }
        routes.on("POST", "/_sim/lean") { request, _ in
            guard let front = desk.sources.front else { return .text("there is no front (--lean-port)\n", status: 409) }
            guard let to = Tree(request.body)?["to"]?.string, to.hasPrefix("http://") else {
                return .text("to is the runner's address\n", status: 400)
            }
            front.point(to: to)
            return .tree(.object([:]))
        }
    }

    private func state(after number: Int) -> Tree {
        let now = desk.state(after: number)
        return .object([
            "simulator": .string("torghut-sim"), "running": .text(now.running?.scenario.rawValue),
            "since": .time(now.running?.since),
            "scenarios": .array(
                Scenario.allCases.map {
                    .object(["name": .string($0.rawValue), "title": .string($0.title), "what": .string($0.what)])
                }),
            "lines": .array(
                now.lines.map {
                    .object([
                        "number": .count($0.number), "at": .time($0.at), "scenario": .string($0.scenario.rawValue),
                        "text": .string($0.text),
                    ])
                }), "last": .count(now.last),
        ])
    }
}
