internal import Core
internal import Domain
internal import Wire

/// The right to the broker's only connection, as control tells of it: who has it, how long his word counts, whether the
/// stream is ready, and how far the log is complete.
///
/// It is renewed beside the updates, in the same appends, and given back at the end. Where the last one lies is kept as
/// a position of a consumer that is the account's: a start reads that record and not the whole history.
struct StreamLease: Sendable {
    static let source = TopicPartition(TopicCatalog.control.name, 0)

    let epoch: Int64
    private let context: StreamContext
    private let stream: Label
    /// When the word ends that became durable last, on the clock that never goes back; `nil` before the first.
    private(set) var ends: Duration?
    private var place: ConsumerPosition
    private var saidReady = false
    private var renewedAt: Duration?
    private var number: Int64 = 0

    /// Reads what the holder before said, and counts up; with it comes how far he got.
    nonisolated(nonsending) static func read(
        _ context: StreamContext
    ) async throws(LogError) -> (lease: StreamLease, completeUntil: Timestamp?) {
        let stream = StreamLeaseTaken.updates(of: context.place.account)
        let consumer = StreamNames.consumer(of: context.place.account)
        let bounds = try await context.log.bounds(of: [source])[source] ?? Bounds(begin: 0, end: 0)
        let known = try await context.log.positions(of: consumer, in: [source])[source]
        let start = max(known?.next ?? bounds.begin, bounds.begin)
        let last = try await last(of: stream, context, from: min(start, bounds.end), to: bounds.end)
        let place = ConsumerPosition(consumer: consumer, source: source, next: bounds.end, anchor: nil)
        return (
            StreamLease(context, stream, place, epoch: (last?.epoch ?? 0) + 1),
            last?.completeUntil
        )
    }

    private init(
        _ context: StreamContext, _ stream: Label, _ place: ConsumerPosition, epoch: Int64
    ) {
        self.context = context
        self.stream = stream
        self.place = place
        self.epoch = epoch
    }

    private nonisolated(nonsending) static func last(
        of stream: Label, _ context: StreamContext, from start: Int64, to end: Int64
    ) async throws(LogError) -> StreamLeaseTaken? {
        guard start < end else { return nil }
        let reader = try await context.log.reader(from: [source: .offset(start)], ReadOptions(headers: false))
        var decoder = EventDecoder(wanting: [.control(.streamLeaseTaken)])
        var (last, next) = (nil as StreamLeaseTaken?, start)
        do throws(LogError) {
            while next < end, !Task.isCancelled {
                let batch = try await reader.next(waiting: .milliseconds(200))
                next = batch.next[source] ?? next
                for entry in batch.entries {
                    guard let bytes = batch.bytes(of: entry.value) else { continue }
                    // A record that cannot be read is no lease of ours; whoever folds control says so.
                    do throws(WireError) {
                        guard case .event(let event) = try decoder.decode(bytes),
                            case .control(.streamLeaseTaken(let lease)) = event.content, lease.stream == stream
                        else { continue }
                        last = lease
                    } catch { continue }
                }
            }
        } catch {
            await reader.close()
            throw error
        }
        await reader.close()
        // What was not read to its end tells nothing: an epoch that begins anew would never be believed again.
        guard next >= end else { throw LogError(.read, .closed) }
        return last
    }
}

extension StreamLease {
    enum Word: Sendable {
        case held(isReady: Bool)
        /// Given back.
        case over
    }

    /// Whether something is to be said: it changed, or the last word grows old.
    func isDue(isReady: Bool) -> Bool {
        guard let renewedAt else { return true }
        return isReady != saidReady || context.time.uptime() - renewedAt >= context.limits.renewal
    }

    /// How long nothing need be said.
    var rest: Duration {
        guard let renewedAt else { return .zero }
        return max(.zero, renewedAt + context.limits.renewal - context.time.uptime())
    }

    /// The word for this moment; it counts as said when it is durable.
    func word(_ word: Word, completeUntil: Timestamp?) -> Append {
        let now = context.time.now()
        let end: Timestamp
        var readyUntil: Timestamp?
        switch word {
        case .held(let isReady):
            end = now.advanced(by: context.limits.lease) ?? .latest
            readyUntil = isReady ? end : nil
        case .over: end = now
        }
        let id = EventMint.eventID(
            .step(of: "stream/\(stream.text)/\(epoch)", "\(number)/\(context.process.text)/\(now.nanoseconds)"))
        let order = ControlOrder(
            scope: .global, actor: ActorName(trusted: String(context.process.text.prefix(ActorNameKind.maximumBytes))),
            reason: Self.reason(word))
        let taken = StreamLeaseTaken(
            order: order, stream: stream, process: context.process, epoch: epoch, expiresAt: end,
            readyUntil: readyUntil, completeUntil: completeUntil)
        let event = Event(
            Envelope(
                eventID: id, eventTime: now, ingestTime: now, seq: number, source: SourceName(trusted: "stream"),
                correlation: StoryID(high: id.high, low: id.low)), .control(.streamLeaseTaken(taken)))
        return Append(EventEncoder.records(of: [event]), positions: [place])
    }

    private static func reason(_ word: Word) -> Prose {
        let text =
            switch word {
            case .held(isReady: true): "the stream is ready"
            case .held(isReady: false): "the stream is not ready"
            case .over: "the stream is given back"
            }
        do throws(FieldFault) { return try Prose(text) } catch { preconditionFailure("not prose: \(error)") }
    }

    /// Writes nothing that anybody reads, and fails when another process has the stream.
    ///
    /// The position that is there already: an append of nothing at all never gets as far as a broker of Kafka.
    var probe: Append { Append([], positions: [place]) }

    /// Its word, which was made at this moment, lies at this place of control now.
    mutating func said(_ word: Word, made: Duration, at positions: [RecordPosition]) {
        // From when it was made, however late it landed: that is what its end was counted from.
        renewedAt = made
        ends = made + context.limits.lease
        number += 1
        if case .held(let isReady) = word { saidReady = isReady }
        if let position = positions.first(where: { $0.source == Self.source }) {
            place = ConsumerPosition(
                consumer: place.consumer, source: Self.source, next: position.offset, anchor: nil)
        }
    }
}
