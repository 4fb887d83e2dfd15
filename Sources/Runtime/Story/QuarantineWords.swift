internal import Commands
internal import Core
internal import Domain
internal import Folding

/// What operators said of records that cannot be read: whoever tells stories takes it as those do who fold them.
struct QuarantineWords: Sendable {
    enum Word: Sendable {
        case skipped
        /// What is read in its place.
        case patched([UInt8])
    }

    private var words: [RecordPosition: Word] = [:]

    /// Nobody said anything.
    init() {}

    subscript(place: RecordPosition) -> Word? { words.isEmpty ? nil : words[place] }

    func isPatched(_ place: RecordPosition) -> Bool {
        if case .patched? = self[place] { true } else { false }
    }

    /// The last word counts: an operator may patch what he skipped.
    static func read(_ log: any EventLog) async throws(LogError) -> QuarantineWords {
        var found = QuarantineWords()
        guard try await log.describe().contains(where: { $0.name == TopicCatalog.control.name }) else { return found }
        try await LogScan.read(log, [ControlView.source], wanting: SettledReading.words) { event, _ in
            switch event.content {
            case .control(.quarantineSkipped(let word)): found.words[word.record.position] = .skipped
            case .control(.quarantinePatched(let word)):
                found.words[word.record.position] = .patched(word.patchedValue.bytes)
            default: break
            }
        }
        return found
    }
}

extension ParkedKey {
    fileprivate var position: RecordPosition {
        RecordPosition(TopicPartition(sourceTopic.text, Int32(truncatingIfNeeded: sourcePartition)), sourceOffset)
    }
}
