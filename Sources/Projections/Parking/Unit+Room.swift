internal import Core
internal import Domain

/// How much may wait for operators in one unit, and what becomes of it when no more may.
///
/// What waits is held in memory and in one table, so it has a limit. A unit that meets it stops before the record that
/// has no room, and goes on with `torghut.control.v1` alone: the word that frees room lies later in the log. Once there
/// is room, its lane takes it up again at the records it stopped before. Rows depend on the vector alone, so following
/// control ahead changes none.
///
/// Words about records that were not read yet have a limit too. A unit that meets it stops before the word, and goes on
/// with the records, which free the words' room as they come.
extension Unit {
    var isFull: Bool { refusedBytes != nil }

    /// Half of the words must have gone: taking the unit up again for each would be dear.
    var hasRoomAgain: Bool {
        if let refusedBytes, hasRoom(refusedBytes) { return true }
        return isDeaf && awaited.count <= limits.maximumAwaitedWords / 2
            && awaited.bytes <= limits.maximumAwaitedBytes / 2
    }

    /// A word that must wait for its record; one may wait, however large it is.
    func hasRoom(for word: QuarantineAction) -> Bool {
        guard sources.contains(word.target.source), !isRead(word.target), !awaited.isEmpty else { return true }
        return awaited.count < limits.maximumAwaitedWords && awaited.bytes < limits.maximumAwaitedBytes
    }

    /// There is no room for this word: no more of them are followed from here on.
    func stopHearing(at offset: Int64) {
        isDeaf = true
        stop(at: RecordPosition(TopicPartition(TopicCatalog.control.name, 0), offset))
    }

    /// Records of control always have room: the words that make it lie behind them.
    func hasRoom(for record: Record) -> Bool {
        record.position.source.topic == TopicCatalog.control.name || hasRoom(record.value?.count ?? 0)
    }

    /// One record may wait, however large it is.
    private func hasRoom(_ bytes: Int) -> Bool {
        keys.counted < limits.maximumWaitingRecords
            && (keys.counted == 0 || keys.countedBytes + bytes <= limits.maximumWaitingBytes)
    }

    var fullness: String {
        if isDeaf {
            let limit = awaited.count < limits.maximumAwaitedWords ? "maximumAwaitedBytes" : "maximumAwaitedWords"
            return """
                \(awaited.count) words of operators are about records that have not come, and no more may wait for theirs \
                (\(limit)); see `awaited` in projection_checkpoints
                """
        }
        let limit = keys.counted < limits.maximumWaitingRecords ? "maximumWaitingBytes" : "maximumWaitingRecords"
        return """
            \(keys.counted) records of \(keys.countedBytes) bytes wait for an operator, and no more may (\(limit)); \
            see `torghut quarantine list`
            """
    }

    /// There is no room for this record: nothing is folded from here on, except words.
    func stop(before record: Record) {
        refusedBytes = record.value?.count ?? 0
        stop(at: record.position)
    }

    /// Folds nothing of this source from here on.
    func stop(at position: RecordPosition) {
        guard let source = laneSources.firstIndex(of: position.source) else {
            preconditionFailure("a unit folds what its lane reads")
        }
        end[source] = min(end[source], position.offset)
    }
}

extension FoldingUnit {
    /// It has a cap that it cannot reach: what would make room lies behind it, or behind what has none either.
    var isStuck: Bool {
        cap != nil && (isFull || hasReadAllRecords) && (isDeaf || hasHeardAllWords) && (isFull || isDeaf)
    }

    private var hasReadAllRecords: Bool {
        guard let cap else { return false }
        return sources.filter { $0.topic != TopicCatalog.control.name }.allSatisfy { source in
            checkpoint.vector[source]?.next ?? 0 >= cap[source]?.next ?? 0
        }
    }

    /// It has a cap, and there are no more words of operators before it.
    var hasHeardAllWords: Bool {
        guard let cap else { return false }
        return sources.filter { $0.topic == TopicCatalog.control.name }.allSatisfy { source in
            checkpoint.vector[source]?.next ?? 0 >= cap[source]?.next ?? 0
        }
    }
}
