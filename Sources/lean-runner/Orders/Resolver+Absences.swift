import Adapters
import Core
import Domain
import Telemetry

extension Resolver {
    /// Looks up an order that was proved absent; should it be there after all, everybody is told.
    func lookAgain(_ id: ClientOrderID) async {
        guard let entry = ledger[id], entry.stage == .notSent || entry.stage == .voided else {
            return absences.drop(id)
        }
        let correlation: CorrelationID
        do { correlation = try CorrelationID(RunnerCall.made()) } catch {
            return house.logbook.error("no_correlation", ["why": .failure(error)])
        }
        let answered = await broker.questions.lookup(clientOrderID: id, broker.terms(correlation))
        guard case .found(let order) = answered.verdict else { return }
        // What is on its way now may be the order that was found.
        let flight = Flight { .inFlight }
        guard ledger.take(id, flight) else { return }
        guard ledger[id] == entry else { return ledger.land(id, flight, nil) }
        var appeared = entry
        appeared.stage = entry.stage == .voided || entry.key == nil ? .foreign : .submitted
        appeared.changedAt = house.time.now()
        appeared.answer = OrderAnswer.stored(order)
        house.metrics.appeared.increment()
        house.logbook.error(
            "order_appeared", ["client_order_id": .text(id.text), "was": .text(entry.stage.rawValue)])
        do throws(RunnerFault) { try await ledger.write([.entry(appeared)]) } catch {
            house.logbook.error("order_appeared_not_written", ["client_order_id": .text(id.text)])
        }
        ledger.land(id, flight, appeared)
        absences.drop(id)
    }
}
