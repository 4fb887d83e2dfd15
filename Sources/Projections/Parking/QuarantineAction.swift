internal import Core
internal import Domain

/// An operator's word about one record, as a projection reads it from `torghut.control.v1`.
struct QuarantineAction: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
        /// Try again: a newer program may be able to.
        case release
        case skip
        case patch([UInt8])
    }

    let kind: Kind
    let target: RecordPosition
    /// Where the word lies in control; words are obeyed in that order.
    let offset: Int64

    /// `nil` for any other event, and for another projection's record.
    init?(_ event: Event, at offset: Int64, for projection: ProjectionName) {
        guard case .control(let control) = event.content else { return nil }
        let record: ParkedKey
        switch control {
        case .quarantineReleased(let word): (kind, record) = (.release, word.record)
        case .quarantineSkipped(let word): (kind, record) = (.skip, word.record)
        case .quarantinePatched(let word): (kind, record) = (.patch(word.patchedValue.bytes), word.record)
        default: return nil
        }
        guard record.projection.text == projection.text, let partition = Int32(exactly: record.sourcePartition) else {
            return nil
        }
        target = RecordPosition(TopicPartition(record.sourceTopic.text, partition), record.sourceOffset)
        self.offset = offset
    }

    init(_ kind: Kind, target: RecordPosition, offset: Int64) {
        self.kind = kind
        self.target = target
        self.offset = offset
    }
}
