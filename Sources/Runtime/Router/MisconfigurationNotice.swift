internal import Core
internal import Domain
internal import Telemetry
internal import Wire

/// Tells settings that cannot be used as they stand on torghut.control.v1, once for each policy: the log says later
/// why orders went by Alpaca.
struct MisconfigurationNotice {
    private let house: House
    private let inForce: PolicyInForce

    init(_ house: House, _ inForce: PolicyInForce) {
        self.house = house
        self.inForce = inForce
    }

    /// The ids come from policy and setting, so that the same notice is the same event at every start.
    func tell() async throws {
        let events = try events()
        for fault in inForce.policy.misconfigurations {
            house.logbook.warning(
                "misconfigured",
                ["setting": .text(fault.name), "problem": .text(fault.problem), "instead": .text(fault.instead)])
        }
        let told = try await told()
        let news = events.filter { !told.contains($0.envelope.eventID) }
        guard !news.isEmpty else { return }
        let writer = try await house.log.writer(named: "torghut.router.notices.\(house.process)")
        var encoder = EventEncoder()
        let records = news.map { encoder.record($0) }
        do { _ = try await writer.append(Append(records)) } catch {
            await writer.close()
            throw error
        }
        await writer.close()
    }

    private func events() throws -> [Event] {
        let now = house.time.now()
        return try inForce.policy.misconfigurations.map { fault in
            let id = EventMint.eventID(
                .step(of: "\(inForce.policyHash)", "misconfigured/\(fault.name)/\(fault.problem)"))
            let order = ControlOrder(
                scope: .global, actor: ActorName(trusted: String(house.process.prefix(ActorNameKind.maximumBytes))),
                reason: try Prose("warning: \(fault.name) \(fault.problem); instead: \(fault.instead)"))
            let changed = FlagChanged(
                order: order, name: try Label(fault.name), value: try Prose(fault.instead),
                flagSource: .environment, configHash: inForce.configHash)
            return Event(
                Envelope(
                    eventID: id, eventTime: now, ingestTime: now, source: SourceName(trusted: "router"),
                    correlation: StoryID(high: id.high, low: id.low)), .control(.flagChanged(changed)))
        }
    }

    /// Ids of the notices that are there.
    private func told() async throws -> Set<EventID> {
        let source = TopicPartition(TopicCatalog.control.name, 0)
        let end = try await house.log.bounds(of: [source])[source]?.end ?? 0
        guard end > 0 else { return [] }
        let reader = try await house.log.reader(from: [source: .beginning], ReadOptions(headers: false))
        var decoder = EventDecoder(wanting: [.control(.flagChanged)])
        var (told, next) = (Set<EventID>(), Int64(0))
        do {
            while next < end {
                let batch = try await reader.next(waiting: .milliseconds(200))
                next = batch.next[source] ?? next
                for entry in batch.entries {
                    guard let bytes = batch.bytes(of: entry.value) else { continue }
                    // A record that cannot be read is none of these; whoever folds control says so.
                    do {
                        if case .event(let event) = try decoder.decode(bytes) { told.insert(event.envelope.eventID) }
                    } catch { continue }
                }
            }
        } catch {
            await reader.close()
            throw error
        }
        await reader.close()
        return told
    }
}
