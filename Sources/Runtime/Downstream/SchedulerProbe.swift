internal import Core
internal import Domain
internal import Folding
internal import HTTPClient
internal import JSON

/// Whether whoever decides and routes works: by the heartbeats on the log, and by what a process says over HTTP.
struct SchedulerProbe: Sendable {
    /// Families without which a scrape tells nothing of the order path.
    static let wanted = [
        "torghut_role_state", "torghut_trading_lean_request_total", "torghut_trading_kill_switch_engaged",
    ]

    private let settings: DownstreamSettings.Scheduler
    private let questions: DownstreamQuestions

    init(_ settings: DownstreamSettings.Scheduler, _ questions: DownstreamQuestions) {
        self.settings = settings
        self.questions = questions
    }

    /// Every role of every process that is not replaced.
    static func roles(_ log: any EventLog, at now: Timestamp) async throws -> [DownstreamLine] {
        let standings = try await RoleView.read(log).standings(at: now).filter { !$0.isReplaced }
        guard !standings.isEmpty else {
            return [.no(.role, "all", "no role was ever heard", next: "torghut run")]
        }
        // Each for itself may have been told to rest; all of them together are nobody.
        guard standings.contains(where: { $0.state != .disabled }) else {
            return [.no(.role, "all", "every role that was heard has ended", next: "torghut run")]
        }
        return standings.map { standing in
            let name = "\(standing.role.rawValue) \(standing.process.text)"
            let lag = standing.lag > 0 ? ", lag \(standing.lag)" : ""
            let state = "\(standing.state.rawValue)\(lag)"
            guard !standing.isWell else { return .ok(.role, name, state) }
            let why = standing.detail.isEmpty ? state : "\(state): \(standing.detail)"
            return .no(.role, name, why, next: "torghut roles")
        }
    }

    func look() async -> [DownstreamLine] {
        [await status(), await metrics()]
    }

    private var headers: [(name: String, value: String)] {
        settings.token.map { [("Authorization", "Bearer \($0.reveal())")] } ?? []
    }

    private func status() async -> DownstreamLine {
        let name = "/trading/status"
        do {
            let body = try await questions.body(
                HTTPRequest(.get, settings.place.address + name, headers: headers))
            var parser = JSONParser()
            let root = try parser.parse(body)
            guard let isRunning = root.field("running")?.bool else {
                return no(name, "its answer says nothing of running")
            }
            guard isRunning else {
                let why = root.field("last_error")?.string.map { DownstreamQuestions.quoted($0) }
                return no(name, why ?? "it does not run")
            }
            let mode = DownstreamQuestions.quoted(root.field("mode")?.string ?? "?")
            let killed = root.field("kill_switch_enabled")?.bool ?? false
            return .ok(.scheduler, name, "running, \(mode)\(killed ? ", kill switch engaged" : "")")
        } catch let error as DownstreamQuestions.Unanswered {
            return no(name, error.why)
        } catch { return no(name, "its answer cannot be read: \(error)") }
    }

    private func metrics() async -> DownstreamLine {
        let name = "/metrics"
        do {
            let body = try await questions.body(HTTPRequest(.get, settings.place.address + name, headers: headers))
            let lines = String(decoding: body, as: UTF8.self).split(separator: "\n")
            let families = Set(
                lines.filter { $0.hasPrefix("# TYPE ") }.compactMap { $0.split(separator: " ").dropFirst(2).first })
            let missing = Self.wanted.filter { !families.contains(Substring($0)) }
            guard missing.isEmpty else { return no(name, "without \(missing.joined(separator: ", "))") }
            return .ok(.scheduler, name, "\(families.count) families")
        } catch { return no(name, error.why) }
    }

    private func no(_ name: String, _ why: String) -> DownstreamLine {
        .no(.scheduler, name, "\(settings.place.address)\(name): \(why)", next: "torghut status")
    }
}
