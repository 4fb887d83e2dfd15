import Telemetry

/// Lets the ledger forget, now and then.
struct LedgerUpkeep: Sendable {
    let house: RunnerHouse
    let ledger: Ledger

    static let every = Duration.seconds(3_600)

    /// Works until cancelled; at the start too, because a program that is started every hour must forget as well.
    func run() async {
        while !Task.isCancelled {
            do {
                try await ledger.maintain()
                try await Task.sleep(for: Self.every)
            } catch is CancellationError {
                return
            } catch {
                house.logbook.warning("ledger_upkeep_failed", ["why": .failure(error)])
                do { try await Task.sleep(for: .seconds(60)) } catch { return }
            }
        }
    }
}
