import Adapters
import Core
import Domain
import Telemetry
import Threading

/// Finds out what became of orders of which nothing is proved, by asking the broker for their client order ids.
///
/// An order that is found was submitted. That there is none is believed only of two look-ups, far enough apart, that
/// both began a margin after the last moment at which a request of ours was on its way, and after its deadline. What was
/// believed so is looked up for a while longer.
struct Resolver: Sendable {
    let house: RunnerHouse
    let ledger: Ledger
    let broker: Broker
    let absences = AbsenceWatch()

    /// Look-ups at the same time, in the background.
    static let concurrency = 8
    static let every = Duration.milliseconds(250)
    /// Between two look-ups of one order that callers ask for.
    static let onDemand = Duration.milliseconds(200)

    /// True when the order is settled now.
    func look(_ id: ClientOrderID, _ correlation: CorrelationID) async -> Bool {
        guard let entry = ledger[id], entry.stage == .received else { return true }
        guard let doubt = ledger.beginLook(id, atMostEvery: Self.onDemand) else { return false }
        let (began, asked) = (house.time.uptime(), house.time.now())
        let answered = await broker.questions.lookup(clientOrderID: id, broker.terms(correlation))
        var absence: Duration?
        defer { ledger.endLook(id, firstAbsence: absence) }
        switch answered.verdict {
        case .found(let order):
            // Without a key nobody here asked for it.
            return await settle(entry, entry.key == nil ? .foreign : .submitted, OrderAnswer.stored(order))
        case .absent:
            let limits = house.settings.limits
            guard began >= doubt.since + limits.margin else { return false }
            if let deadline = entry.deadline, asked.since(deadline) < limits.margin { return false }
            guard let first = doubt.firstAbsence else {
                absence = began
                return false
            }
            guard began >= first + limits.lookupInterval else { return false }
            guard await settle(entry, .notSent, nil) else { return false }
            absences.add(id, at: house.time.uptime())
            return true
        case .inconclusive: return false
        }
    }

    private func settle(
        _ entry: LedgerEntry, _ stage: LedgerEntry.Stage, _ answer: StoredAnswer?
    ) async -> Bool {
        var settled = entry
        settled.stage = stage
        settled.changedAt = house.time.now()
        settled.answer = answer
        // What cannot be written stays in doubt.
        do throws(RunnerFault) { try await ledger.settle(settled) } catch { return false }
        house.metrics.resolved.labelled(stage.rawValue).increment()
        house.logbook.info(
            "order_resolved",
            ["client_order_id": .text(entry.clientOrderID.text), "outcome": .text(stage.rawValue)])
        return true
    }

    /// Works until cancelled.
    func run() async {
        while !Task.isCancelled {
            let now = house.time.uptime()
            let absent = absences.due(at: now, atMost: Self.concurrency)
            let due = ledger.doubts.filter { now - ($0.value.lastLook ?? .zero) >= interval(of: $0.value) }
                .sorted { $0.value.since < $1.value.since }.prefix(Self.concurrency)
            await withTaskGroup(of: Void.self) { group in
                for (id, _) in due {
                    group.addTask {
                        do { _ = await look(id, try CorrelationID(RunnerCall.made())) } catch {
                            house.logbook.error("no_correlation", ["why": .failure(error)])
                        }
                    }
                }
                for id in absent { group.addTask { await lookAgain(id) } }
            }
            // A sleep that is cancelled is the end.
            do { try await Task.sleep(for: Self.every) } catch { return }
        }
    }

    /// Often at first, and more seldom the longer nothing comes of it.
    private func interval(of doubt: Ledger.Doubt) -> Duration {
        let age = house.time.uptime() - doubt.since
        return min(max(.milliseconds(500), age / 10), .seconds(30))
    }
}
