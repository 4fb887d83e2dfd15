internal import Core
internal import Domain

/// Records that cannot be folded, what waits behind them, and the words of operators about them.
extension Unit {
    /// Folds beside parked keys: a record of such a key waits behind the one that holds it up.
    func foldBesideParked(_ index: Int, of chunk: Chunk) {
        let reading = chunk.reading(index)
        switch reading {
        case .passed: return
        case .event(let read) where !P.wants.contains(read.type): return
        case .refused(_, let type?) where !P.wants.contains(type): return
        case .event, .refused: break
        }
        let record = chunk.record(index)
        let key = ParkedKeys.name(key: record.key, at: record.position)
        guard keys[key].head == nil else { return wait(record, behind: key) }
        guard let refusal = attempt(reading, at: record.position) else { return }
        park(record, refusal, type(of: reading))
    }

    /// Folds what was read, or answers why that cannot be.
    private func attempt(_ reading: Reading, at position: RecordPosition) -> Refusal? {
        switch reading {
        case .passed: return nil
        case .refused(let refusal, let type):
            guard let type else { return refusal }
            return P.wants.contains(type) ? refusal : nil
        case .event(let read):
            if let misplaced = P.refusal(ofMisplaced: read.event, at: position) { return misplaced }
            do throws(Refusal) {
                try P.fold(read.event, at: position, into: &tables)
                return nil
            } catch { return error }
        }
    }

    private func type(of reading: Reading) -> EventType? {
        switch reading {
        case .event(let read): read.event.content.type
        case .refused(_, let type): type
        case .passed: nil
        }
    }

    /// A record failed on its own: earlier words about it count as if they came now, unless the key was freed later.
    func park(_ record: Record, _ refusal: Refusal, _ type: EventType?) {
        let key = ParkedKeys.name(key: record.key, at: record.position)
        var row = ParkedRow(record, refusal, type)
        parked.need(row.key)
        for word in awaited[record.position] where word.offset > keys[key].settledAt {
            guard let settled = settle(row, by: word) else { continue }
            awaited.remove(record.position)
            row = settled
            keys.settled(key, at: word.offset)
            parked.change(row.key, making: row) { $0 = row }
            return
        }
        guard hasRoom(for: record) else { return stop(before: record) }
        awaited.remove(record.position)
        parked.change(row.key, making: row) { $0 = row }
        keys.park(row, of: key)
        announced.append(row)
    }

    private func wait(_ record: Record, behind key: ParkedKeys.Name) {
        guard hasRoom(for: record) else { return stop(before: record) }
        let row = ParkedRow(waiting: record)
        parked.need(row.key)
        parked.change(row.key, making: row) { $0 = row }
        keys.defer(row, of: key)
    }

    /// Does what an operator says about the record that holds up a key.
    func obey(_ word: QuarantineAction) {
        guard sources.contains(word.target.source) else { return }
        let place = ParkedRow.Key(word.target)
        guard isRead(word.target) else {
            awaited.add(word)
            return
        }
        guard let key = keys.name(of: place), keys[key].head == place, let row = parked[place],
            let settled = settle(row, by: word)
        else { return }
        parked.change(place) { $0 = settled }
        // Another program folds what this one released at once: a release leaves no mark of its own.
        keys.settleHead(of: key, at: word.kind == .release ? -1 : word.offset)
        var next = keys.takeNext(of: key)
        while let place = next { next = resume(place, of: key) }
    }

    /// Folds the next record that waited; answers who comes after it, or nobody when it holds up the key itself.
    private func resume(_ place: ParkedRow.Key, of key: ParkedKeys.Name) -> ParkedRow.Key? {
        guard let row = parked[place] else { preconditionFailure("a record that waits has a row") }
        let reading = decoder.read(row.value)
        guard let refusal = attempt(reading, at: place.position) else {
            parked.change(place) { row in
                row.state = ParkedRow.State.folded.rawValue
                // The row is only written to be removed.
                row.value = nil
            }
            return keys.takeNext(of: key)
        }
        let failed = row.failed(refusal, type(of: reading))
        parked.change(place) { $0 = failed }
        keys.park(failed, of: key)
        announced.append(failed)
        return nil
    }

    /// A record that waits was read, though the batch that brought it may not have ended.
    func isRead(_ target: RecordPosition) -> Bool {
        keys.name(of: ParkedRow.Key(target)) != nil
            || target.offset < checkpoint.vector[target.source]?.next ?? 0
    }

    /// The row once the word has settled it, or `nil` when it changes nothing.
    private func settle(_ row: ParkedRow, by word: QuarantineAction) -> ParkedRow? {
        switch word.kind {
        case .skip: return row.settled(.skipped, by: word.offset)
        case .release:
            guard attempt(decoder.read(row.value), at: row.place.position) == nil else { return nil }
            return row.settled(.folded, by: word.offset)
        case .patch(let value):
            guard attempt(decoder.read(value), at: row.place.position) == nil else { return nil }
            return row.settled(.patched, by: word.offset)
        }
    }

    /// The rows that records of a key need when a word may free them.
    func needWaiting(_ event: Event, at offset: Int64) {
        // Rows of a record that another partition reads are that partition's.
        guard let word = QuarantineAction(event, at: offset, for: P.name), sources.contains(word.target.source) else {
            return
        }
        if case .patch(let value) = word.kind { need(decoder.read(value), at: word.target) }
        guard let key = keys.name(of: ParkedRow.Key(word.target)) else { return }
        let line = keys[key]
        for place in [line.head].compactMap({ $0 }) + line.behind {
            if let row = parked[place] { need(decoder.read(row.value), at: place.position) }
        }
    }

    func needPatches(of position: RecordPosition) {
        for word in awaited[position] {
            if case .patch(let value) = word.kind { need(decoder.read(value), at: position) }
        }
    }

    private func need(_ reading: Reading, at position: RecordPosition) {
        guard case .event(let read) = reading, P.refusal(ofMisplaced: read.event, at: position) == nil else { return }
        P.need(of: read.event, in: &tables)
        if P.follows { waitingReadings.append(read.event) }
    }

    /// Words about records that were folded meanwhile are void.
    func dropPassedWords() {
        awaited.removeAll { target in (checkpoint.vector[target.source]?.next ?? 0) > target.offset }
    }
}
