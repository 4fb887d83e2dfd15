public import Adapters
public import Core
public import Domain
internal import HTTPClient

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
        var (orders, questions) = (alpaca, alpaca)
        orders.limits = Self.limits(alpaca.limits, Int(policy.limits.concurrencyPerAdapter), policy.timing)
        questions.limits = Self.limits(alpaca.limits, Self.questions, policy.timing)
        sending[.alpaca] = AlpacaAdapter(orders, time: time)
        asking[.alpaca] = AlpacaAdapter(questions, time: time)
        guard let lean else { return }
        var (runner, inquiries) = (lean, lean)
        runner.limits = Self.limits(lean.limits, Int(policy.limits.concurrencyPerAdapter), policy.timing)
        inquiries.limits = Self.limits(lean.limits, Self.questions, policy.timing)
        sending[.lean] = LEANAdapter(runner, time: time)
        asking[.lean] = LEANAdapter(inquiries, time: time)
    }

    private static func limits(
        _ given: AdapterLimits, _ concurrency: Int, _ timing: RoutingPolicy.Timing
    ) -> AdapterLimits {
        var limits = given
        limits.concurrency = concurrency
        limits.http.connectTimeout = min(limits.http.connectTimeout, timing.deadline)
        limits.http.firstByteTimeout = min(limits.http.firstByteTimeout, timing.deadline)
        limits.http.totalTimeout = min(limits.http.totalTimeout, timing.deadline)
        return limits
    }
}
