import Commands
import Core
import JSON
import Runtime

/// What a stop reached, for a person or as one object.
struct KillReport {
    let note: KillNote
    var latch: Result<(path: String, engagement: KillLatch.Engagement), KillLatchError>?
    var calls: [StopCall] = []
    var recorded: Result<RecordPosition, Unrecorded>?

    init(_ note: KillNote) { self.note = note }

    var exitCode: ExitCode {
        guard case .success? = latch else { return .failure }
        guard case .success? = recorded, calls.allSatisfy(\.hasStopped) else { return .no }
        return .ok
    }

    func print(json: Bool) throws {
        if json { return try StandardOutput().write(object) }
        let output = StandardOutput()
        switch latch {
        case .success(let (path, engagement))?:
            try output.line("stopped here: \(path)")
            if !engagement.isSigned { try output.line("  it does not say who and why: no room, or no file") }
            if !engagement.isDurable { try output.line("  it may not survive a power cut") }
        case .failure(let error)?: try output.line("NOT STOPPED HERE: \(error)")
        case nil: break
        }
        if calls.isEmpty { try output.line("no process runs on this data folder") }
        for call in calls {
            let name = "\(call.process.process) (\(call.process.roles.joined(separator: ",")))"
            if let fault = call.fault {
                try output.line("NOT REACHED: \(name): \(fault)")
            } else {
                try output.line(
                    "reached: \(name): last order out \(call.lastSentAt ?? "none"), "
                        + "\(call.openOrders) open orders to cancel")
            }
        }
        switch recorded {
        case .success(let place)?: try output.line("recorded: \(place)")
        case .failure(let error)?:
            try output.line("NOT RECORDED: \(error); a process that runs here records it when it can")
        case nil: break
        }
    }

    private var object: [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.key("event_id")
            json.string("\(note.eventID)")
            json.key("engaged_at")
            json.string("\(note.engagedAt)")
            json.key("latch")
            if case .success(let (path, _))? = latch { json.string(path) } else { json.null() }
            json.key("reached")
            json.array { json in for call in calls where call.hasStopped { json.string(call.process.process) } }
            json.key("not_reached")
            json.array { json in for call in calls where !call.hasStopped { json.string(call.process.process) } }
            json.key("recorded_at")
            if case .success(let place)? = recorded { json.string("\(place)") } else { json.null() }
        }
        json.newline()
        return json.finish()
    }
}
