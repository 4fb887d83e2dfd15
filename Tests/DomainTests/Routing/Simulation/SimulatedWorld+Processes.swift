import Core
import Domain

/// Processes: they start from the log alone, and end at any point between two instructions.
extension SimulatedWorld {
    /// A new owner folds the log, and sends nothing by folding.
    mutating func start() {
        for index in processes.indices where processes[index].wakesAt == nil { processes[index].isAlive = false }
        let epoch = log.acquire()
        let session = RouterSession(
            epoch: epoch, process: ProcessName(trusted: "router-\(epoch)"), source: SourceName(trusted: "router"),
            local: LocalStop(latchFile: latch), controlSeenAt: now)
        let state = log.folded(under: timing)
        processes.append(Process(state: state, session: session, read: log.records.count))
        let index = processes.count - 1
        drive(index, .started)
        plan(.tick(index), in: 10...400)
    }

    /// Reads what others wrote; its own events are in its state already.
    mutating func catchUp(_ index: Int) {
        guard !processes[index].lags else { return }
        processes[index].session.controlSeenAt = now
        let start = processes[index].read
        processes[index].read = log.records.count
        for record in log.records[start...] {
            if case .route = record.event.content { continue }
            processes[index].state.fold(record.event, at: record.cause, under: timing)
        }
    }

    mutating func tick(_ index: Int) {
        guard processes[index].isAlive else { return }
        if let wakesAt = processes[index].wakesAt, wakesAt > now {
            agenda.add(.tick(index), at: wakesAt)
            return
        }
        processes[index].wakesAt = nil
        // Of two owners only the last goes on for long; the other finds out at its next append.
        if isStormy, chance(4) { write(health(chance(85) ? .healthy : .unhealthy), nil) }
        if !isStormy, now.since(healthAt) > .seconds(8) {
            healthAt = now
            write(health(.healthy), nil)
        }
        if isStormy, chance(30) {
            drive(index, .room)
            guard processes[index].isAlive else { return }
        }
        drive(index, .tick)
        guard processes[index].isAlive else { return }
        if isStormy, chance(3) { return sleep(index) }
        plan(.tick(index), in: isStormy ? 200...1_200 : 2_000...4_000)
    }

    /// Stopped in the middle, and replaced: it wakes later and does not know.
    private mutating func sleep(_ index: Int) {
        processes[index].wakesAt = now.advanced(by: milliseconds(3_000...15_000))
        if let wakesAt = processes[index].wakesAt { agenda.add(.tick(index), at: wakesAt) }
        plan(.start, in: 500...3_000)
    }

    private mutating func die(_ index: Int) {
        processes[index].isAlive = false
        plan(.start, in: 200...3_000)
    }

    mutating func drive(_ index: Int, _ input: RouterInput) {
        guard processes[index].isAlive else { return }
        if let wakesAt = processes[index].wakesAt, wakesAt > now {
            agenda.add(.deliver(index, input), at: wakesAt)
            return
        }
        if case .answered(let attempt, _, _, _, _) = input {
            let isLate = !processes[index].answered.insert(attempt).inserted
            if isLate, chance(70) { return }
        }
        catchUp(index)
        processes[index].session.local.latchFile = latch
        let input = flaw?.spoil(input) ?? input
        var (state, session) = (RouterState(), processes[index].session)
        swap(&state, &processes[index].state)
        let step = router.step(input, at: now, &state, &session)
        (processes[index].state, processes[index].session) = (state, session)
        guard !step.isEmpty else { return }
        if diesHere() || (isStormy && chance(2)) { return die(index) }
        if !step.events.isEmpty {
            let isAppended = log.append(step.events, epoch: processes[index].session.epoch)
            guard isAppended || flaw == .sendsUnfenced else {
                // Fenced: somebody else owns the partition.
                processes[index].isAlive = false
                return
            }
            for event in step.events { trace.add(event) }
        }
        checkStep(step, index)
        if diesHere() || (isStormy && chance(2)) { return die(index) }
        for action in step.actions {
            if diesHere() || (isStormy && chance(1)) { return die(index) }
            plan(.perform(index, action), in: 1...5)
        }
        if isStormy, chance(2) { sleep(index) }
    }
}
