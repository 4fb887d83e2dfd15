public import Adapters
public import Core
public import Domain

/// The adapters of a router: for each route one client that sends, and one that asks and cancels.
///
/// They are apart because submits that hang must not keep a cancellation or a look-up waiting.
public struct RouterAdapters: Sendable {
    public var sending: [Adapter: any OrderAdapter]
    public var asking: [Adapter: any OrderAdapter]

    /// Questions on their way to one adapter at once.
    public static let questions = 8

    public init(sending: [Adapter: any OrderAdapter], asking: [Adapter: any OrderAdapter]) {
        self.sending = sending
        self.asking = asking
    }

    /// Alpaca, and LEAN where there is a runner; no call of theirs takes longer than the policy's deadline.
    public init(
        alpaca: AlpacaSettings, lean: LEANSettings?, policy: RoutingPolicy, time: any TimeSource
    ) {
        self.init(sending: [:], asking: [:])
        let (deadline, concurrency) = (policy.timing.deadline, Int(policy.limits.concurrencyPerAdapter))
        var (orders, questions) = (alpaca, alpaca)
        orders.limits = alpaca.limits.bounded(by: deadline, concurrency: concurrency)
        questions.limits = alpaca.limits.bounded(by: deadline, concurrency: Self.questions)
        sending[.alpaca] = AlpacaAdapter(orders, time: time)
        asking[.alpaca] = AlpacaAdapter(questions, time: time)
        guard let lean else { return }
        var (runner, inquiries) = (lean, lean)
        runner.limits = lean.limits.bounded(by: deadline, concurrency: concurrency)
        inquiries.limits = lean.limits.bounded(by: deadline, concurrency: Self.questions)
        sending[.lean] = LEANAdapter(runner, time: time)
        asking[.lean] = LEANAdapter(inquiries, time: time)
    }
}
