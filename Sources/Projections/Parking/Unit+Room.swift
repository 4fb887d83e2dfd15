internal import Core
internal import Domain

/// How much may wait for operators in one unit, and what becomes of it when no more may.
///
/// What waits is held in memory and in one table, so it has a limit. A unit that meets it stops before the record that
/// has no room, and goes on with `torghut.control.v1` alone: the word that frees room lies later in the log. Once there
/// is room, its lane takes it up again at the records it stopped before. Rows depend on the vector alone, so following
/// control ahead changes none.
extension Unit {
    var isFull: Bool { refusedBytes != nil }

    var hasRoomAgain: Bool { refusedBytes.map(hasRoom) ?? false }

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
    /// It has a cap, and there are no more words of operators before it.
    var hasHeardAllWords: Bool {
        guard let cap else { return false }
        return sources.filter { $0.topic == TopicCatalog.control.name }.allSatisfy { source in
            checkpoint.vector[source]?.next ?? 0 >= cap[source]?.next ?? 0
        }
    }
}
