internal import Core
internal import Digest
internal import Domain
internal import Synchronization
internal import Wire

/// A read of the trade-updates topics, as messages.
struct UpdateBatch: Sendable {
    struct Message: Sendable {
        let position: RecordPosition
        let content: Result<BrokerUpdate, BrokerUpdateRefusal>
        /// The record itself, where it may have to be put aside.
        let record: Record?
    }

    var messages: [Message] = []
    /// Where each partition stands behind it, and the last record seen there.
    var next: [TopicPartition: (offset: Int64, anchor: Anchor?)] = [:]

    var isEmpty: Bool { next.isEmpty }
}

/// Turns records into messages, whatever shape they came in; one thread at a time.
final class UpdateDesk: Sendable {
    private let reader: Mutex<BrokerUpdateReader>

    init(_ account: AccountLabel) { reader = Mutex(BrokerUpdateReader(defaultAccount: account)) }

    func read(_ batch: RecordBatch) -> UpdateBatch {
        reader.withLock { reader in
            var read = UpdateBatch()
            read.messages.reserveCapacity(batch.count)
            var last = [Int?](repeating: nil, count: batch.sources.count)
            for (index, entry) in batch.entries.enumerated() {
                last[Int(entry.source)] = index
                read.messages.append(Self.message(&reader, index, batch))
            }
            for (source, next) in batch.next {
                let index = batch.sources.firstIndex(of: source).flatMap { last[$0] }
                read.next[source] = (next, index.map { RecordHash.anchor(at: batch.entries[$0], in: batch) })
            }
            return read
        }
    }

    private static func message(
        _ reader: inout BrokerUpdateReader, _ index: Int, _ batch: RecordBatch
    ) -> UpdateBatch.Message {
        let entry = batch.entries[index]
        let position = RecordPosition(batch.source(of: entry), entry.offset)
        let refusal: BrokerUpdateRefusal
        if let value = batch.bytes(of: entry.value) {
            do throws(BrokerUpdateRefusal) {
                let update = try reader.read(value)
                return UpdateBatch.Message(
                    position: position, content: .success(update),
                    record: update.symbol == nil ? batch.record(at: index) : nil)
            } catch { refusal = error }
        } else {
            refusal = .missingPayload
        }
        return UpdateBatch.Message(
            position: position, content: .failure(refusal), record: batch.record(at: index))
    }
}
