internal import Core
internal import HTTPClient
internal import JSON

/// Whether the jobs that were named run, all of their tasks, and go on taking checkpoints: Flink's REST interface.
struct FlinkProbe: Sendable {
    private struct Job: Sendable {
        let id: String
        let name: String
        let state: String
        let startedAt: Int64
        let running: Int64
        let tasks: Int64
    }

    private let settings: DownstreamSettings.Flink
    private let questions: DownstreamQuestions

    init(_ settings: DownstreamSettings.Flink, _ questions: DownstreamQuestions) {
        self.settings = settings
        self.questions = questions
    }

    func look(at now: Timestamp) async -> [DownstreamLine] {
        let jobs: [Job]
        do { jobs = try await overview() } catch {
            return settings.jobs.map {
                .no(
                    .flink, $0, "\(settings.place.address)/jobs/overview: \(error.why)",
                    next: "is the JobManager up, and \(settings.place.setting) right?")
            }
        }
        var lines: [DownstreamLine] = []
        for name in settings.jobs { lines.append(await look(for: name, among: jobs, now)) }
        return lines
    }

    private func overview() async throws(DownstreamQuestions.Unanswered) -> [Job] {
        let body = try await questions.body(HTTPRequest(.get, settings.place.address + "/jobs/overview"))
        var parser = JSONParser()
        do {
            let root = try parser.parse(body)
            guard var elements = root.field("jobs")?.elements() else {
                throw DownstreamQuestions.Unanswered(why: "its answer names no jobs")
            }
            var jobs: [Job] = []
            while let job = elements.next() {
                guard let id = job.field("jid")?.string, let name = job.field("name")?.string,
                    let state = job.field("state")?.string
                else { throw DownstreamQuestions.Unanswered(why: "a job without jid, name or state") }
                let tasks = job.field("tasks")
                jobs.append(
                    Job(
                        id: id, name: name, state: DownstreamQuestions.quoted(state),
                        startedAt: job.field("start-time")?.int64 ?? 0,
                        running: tasks?.field("running")?.int64 ?? 0, tasks: tasks?.field("total")?.int64 ?? 0))
            }
            return jobs
        } catch let error as DownstreamQuestions.Unanswered {
            throw error
        } catch { throw DownstreamQuestions.Unanswered(why: "its answer cannot be read: \(error)") }
    }

    /// What has one of these never runs again.
    private static let ended: Set = ["FINISHED", "CANCELED", "FAILED", "SUSPENDED"]

    /// A job that was begun again has the same name: those that ended count when there is no other, the latest of them.
    private func look(for name: String, among jobs: [Job], _ now: Timestamp) async -> DownstreamLine {
        let named = jobs.filter { $0.name == name }
        let alive = named.filter { !Self.ended.contains($0.state) }
        guard alive.count < 2 else {
            return .no(
                .flink, name, "\(alive.count) jobs of this name: each writes what the others write",
                next: "cancel all but one: \(alive.prefix(5).map { $0.id.prefix(32) }.joined(separator: ", "))")
        }
        guard let job = alive.first ?? named.max(by: { $0.startedAt < $1.startedAt }) else {
            let others = Set(jobs.map { DownstreamQuestions.quoted($0.name) }).sorted().prefix(5)
                .joined(separator: ", ")
            return .no(
                .flink, name, "there is no job of this name; there are: \(others.isEmpty ? "none" : others)",
                next: "submit deploy/flink, see docs/flink.md")
        }
        guard job.state == "RUNNING" else {
            return .no(
                .flink, name, "it is \(job.state)",
                next:
                    "GET \(settings.place.address)/jobs/\(job.id)/exceptions says why; then begin it again from its last checkpoint"
            )
        }
        guard job.running == job.tasks, job.tasks > 0 else {
            return .no(
                .flink, name, "RUNNING, but only \(job.running) of \(job.tasks) tasks run",
                next: "look at its TaskManagers and slots")
        }
        let tasks = "RUNNING, \(job.tasks) tasks"
        switch await checkpoint(of: job, now) {
        case .success(let said): return .ok(.flink, name, "\(tasks), \(said)")
        case .failure(let missing):
            return .no(.flink, name, "\(tasks), \(missing.why)", next: "see the runbook of stalled checkpoints")
        }
    }

    /// How old the last whole checkpoint is; without one a failure begins everything anew.
    private func checkpoint(of job: Job, _ now: Timestamp) async -> Result<String, DownstreamQuestions.Unanswered> {
        // What stands in an address is what Flink's ids are made of, and nothing else.
        guard job.id.utf8.count <= 64, job.id.utf8.allSatisfy({ Self.isHexadecimal($0) }) else {
            return .failure(.init(why: "its id is none of Flink's"))
        }
        do {
            let address = "\(settings.place.address)/jobs/\(job.id)/checkpoints"
            let response = try await questions.ask(HTTPRequest(.get, address))
            guard response.status != 404 else { return .failure(.init(why: "it takes no checkpoints")) }
            guard response.status == 200 else {
                return .failure(.init(why: "its checkpoints: it answers \(response.status)"))
            }
            var parser = JSONParser()
            let latest = try parser.parse(response.body).field("latest")?.field("completed")
            guard let taken = latest?.field("latest_ack_timestamp")?.int64, taken > 0 else {
                // Whoever has just begun had no time for one.
                let running = age(of: job.startedAt, now)
                guard running > settings.maximumCheckpointAge else {
                    return .success("no checkpoint yet, \(running.wholeSeconds) s after its start")
                }
                return .failure(.init(why: "no checkpoint was ever whole"))
            }
            let age = age(of: taken, now)
            guard age <= settings.maximumCheckpointAge else {
                return .failure(
                    .init(
                        why: "last checkpoint \(age.wholeSeconds) s ago, more than "
                            + "\(settings.maximumCheckpointAge.wholeSeconds)"))
            }
            return .success("last checkpoint \(age.wholeSeconds) s ago")
        } catch let error as DownstreamQuestions.Unanswered {
            return .failure(.init(why: "its checkpoints: \(error.why)"))
        } catch { return .failure(.init(why: "its checkpoints cannot be read: \(error)")) }
    }

    private func age(of milliseconds: Int64, _ now: Timestamp) -> Duration {
        max(.zero, now.since(Timestamp(milliseconds: milliseconds) ?? .earliest))
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
    }
}

extension Duration {
    var wholeSeconds: Int64 { components.seconds }
}
