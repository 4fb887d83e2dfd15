internal import Core
internal import Domain

/// How much may wait for operators in one unit, and what becomes of it when no more may.
///
/// What waits is held in memory and in one table, so it has a limit. A unit that meets it stops before the record that
/// has no room, and goes on with `torghut.control.v1` alone: the word that frees room lies later in the log. Once there
/// is room, its lane takes it up again at the records it stopped before. Rows depend on the vector alone, so following
/// control ahead changes none.
extension Unit {
    /// Records of control always have room: the words that make it lie behind them.
    func hasRoom(for record: Record) -> Bool { hasRoom || record.position.source.topic == TopicCatalog.control.name }

    private var hasRoom: Bool {
        keys.waiting < limits.maximumWaitingRecords && keys.waitingBytes < limits.maximumWaitingBytes
    }

    var hasRoomAgain: Bool { isFull && hasRoom }

    var fullness: String {
        let limit = keys.waiting < limits.maximumWaitingRecords ? "maximumWaitingBytes" : "maximumWaitingRecords"
        return """
            \(keys.waiting) records of \(keys.waitingBytes) bytes wait for an operator, and no more may (\(limit)); \
            see `torghut quarantine list`
            """
    }

    /// Folds nothing from here on, neither of this source nor, as they come, of the others.
    func stop(at position: RecordPosition) {
        isFull = true
        guard let source = laneSources.firstIndex(of: position.source) else {
            preconditionFailure("a unit folds what its lane reads")
        }
        end[source] = min(end[source], position.offset)
    }
}

extension FoldingUnit {
    /// It has a cap, and there are no more words of operators before it.
    var hasHeardAllWords: Bool {
        guard let cap else { return false }
        return sources.filter { $0.topic == TopicCatalog.control.name }.allSatisfy { source in
            checkpoint.vector[source]?.next ?? 0 >= cap[source]?.next ?? 0
        }
    }
}
