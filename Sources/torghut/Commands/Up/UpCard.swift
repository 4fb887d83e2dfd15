import Glibc
import JSON

/// What runs and where, for scripts, for tests, and for the next `up` after this one was killed.
struct UpCard: Sendable {
    struct Process: Sendable, Equatable {
        let name: String
        let pid: pid_t
        /// When the system started it: a number that came to another process meanwhile is not this one.
        let startedTicks: UInt64
    }

    var api = ""
    var console = ""
    var token = ""
    var database = ""
    var simulator = ""
    var runner = ""
    var processes: [Process] = []

    var bytes: [UInt8] {
        var json = JSONWriter()
        json.object { json in
            let texts = [
                ("api", api), ("console", console), ("token", token), ("database", database), ("simulator", simulator),
                ("runner", runner),
            ]
            for (name, value) in texts {
                json.key(name)
                json.string(value)
            }
            json.key("processes")
            json.object { json in
                for process in processes {
                    json.key(process.name)
                    json.integer(process.pid)
                }
            }
            json.key("started")
            json.object { json in
                for process in processes {
                    json.key(process.name)
                    json.integer(process.startedTicks)
                }
            }
        }
        json.newline()
        return json.finish()
    }

    static func read(_ folder: UpFolder) -> UpCard? {
        guard let text = UpFolder.text(of: folder[UpFolder.cardName]) else { return nil }
        var parser = JSONParser()
        guard let root = try? parser.parse(Array(text.utf8)) else { return nil }
        var card = UpCard()
        var numbers: [String: UInt64] = [:]
        var pids: [(String, pid_t)] = []
        guard var fields = root.fields() else { return nil }
        while let field = fields.next() {
            switch field.name {
            case "api": card.api = field.value.string ?? ""
            case "console": card.console = field.value.string ?? ""
            case "processes":
                guard var entries = field.value.fields() else { continue }
                while let entry = entries.next() {
                    if let pid = entry.value.int64.flatMap({ pid_t(exactly: $0) }) { pids.append((entry.name, pid)) }
                }
            case "started":
                guard var entries = field.value.fields() else { continue }
                while let entry = entries.next() { numbers[entry.name] = entry.value.uint64 }
            default: break
            }
        }
        card.processes = pids.compactMap { name, pid in
            numbers[name].map { Process(name: name, pid: pid, startedTicks: $0) }
        }
        return card
    }
}

extension UpCard.Process {
    init?(_ name: String, _ pid: pid_t) {
        guard pid > 0, let ticks = Self.ticks(of: pid) else { return nil }
        self.init(name: name, pid: pid, startedTicks: ticks)
    }

    var isAlive: Bool { Self.ticks(of: pid) == startedTicks }

    /// The twenty-second word of its state; the second is a name that may hold anything, up to the last bracket.
    static func ticks(of pid: pid_t) -> UInt64? {
        guard let text = UpFolder.text(of: "/proc/\(pid)/stat"), let bracket = text.lastIndex(of: ")") else {
            return nil
        }
        let words = text[text.index(after: bracket)...].split(separator: " ")
        // Who has ended and was not waited for is gone.
        guard words.count > 19, words[0] != "Z", words[0] != "X" else { return nil }
        return UInt64(words[19])
    }
}
