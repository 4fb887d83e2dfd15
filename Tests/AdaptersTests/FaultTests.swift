import Adapters
import Core
import Domain
import TestSupport
import Testing

@Suite struct `A submit on a bad way` {
    struct Case: Sendable, CustomTestStringConvertible {
        let fault: String
        let verdict: SubmitVerdict
        /// Submits the broker received.
        let submits: Int
        var testDescription: String { fault }

        init(_ fault: String, _ verdict: SubmitVerdict, submits: Int) {
            self.fault = fault
            self.verdict = verdict
            self.submits = submits
        }
    }

    static let cases = [
        Case("drop_before", .unknown(.networkError), submits: 0),
        Case("drop_after", .unknown(.networkError), submits: 1),
        Case("hang_before", .unknown(.timeout), submits: 0),
        Case("hang_after", .unknown(.timeout), submits: 1),
        Case("error_before", .unknown(.http5xx), submits: 0),
        Case("error_after", .unknown(.http5xx), submits: 1),
        Case("truncate", .unknown(.networkError), submits: 1),
        Case("refuse", .unknown(.networkError), submits: 0),
    ]

    @Test(arguments: Ground.Route.allCases, cases)
    func `is unknown, whatever became of it, and is never sent twice`(route: Ground.Route, wanted: Case) async throws {
        let ground = try Ground(route, throughFaults: true)
        // A used connection is the trap: libcurl would send again on a new one.
        #expect(await ground.adapter.health(try Ground.call()).verdict == .healthy)
        try await ground.broker.control("/_sim/settings", #"{"unique_client_order_ids":false}"#)
        let fault = #"{"fault":"\#(wanted.fault)","method":"POST","milliseconds":30000}"#
        try await ground.faults?.control("/script", fault, port: "control")
        let start = ContinuousClock.now
        // Only who hangs is given up.
        let limit = wanted.verdict == .unknown(.timeout) ? Duration.milliseconds(800) : .seconds(20)
        let answer = try await ground.submit("c-1", limit: limit)
        #expect(answer.verdict == wanted.verdict)
        #expect(ContinuousClock.now - start < .seconds(15))
        #expect(answer.call.sentAt != nil && answer.call.sentBytes > 0 && answer.call.tries == 1)
        #expect(try await ground.counts("c-1").submits == wanted.submits)
    }

    @Test(arguments: Ground.Route.allCases)
    func `that drips is read to its end, and is not believed beyond its deadline`(route: Ground.Route) async throws {
        let ground = try Ground(route, throughFaults: true)
        let drip = #"{"fault":"drip","method":"POST","milliseconds":"#
        try await ground.faults?.control("/script", "[\(drip)0},\(drip)20}]", port: "control")
        #expect(try await ground.submit("c-1").verdict.order != nil)
        #expect(try await ground.submit("c-2", limit: .milliseconds(400)).verdict == .unknown(.timeout))
        #expect(try await ground.counts("c-2") == (1, 1))
    }

    @Test(arguments: Ground.Route.allCases)
    func `that arrives twice makes one order`(route: Ground.Route) async throws {
        let ground = try Ground(route, throughFaults: true)
        try await ground.faults?.control("/script", #"{"fault":"duplicate","method":"POST"}"#, port: "control")
        let answer = try await ground.submit("c-1")
        // The second answer comes back: the runner repeats itself, and Alpaca says that the id is taken.
        switch route {
        case .lean: #expect(answer.verdict.order?.idempotentReplay == true)
        case .alpaca: #expect(answer.verdict == .taken(.brokerRejected))
        }
        #expect(try await ground.counts("c-1").orders == 1)
    }

    @Test(arguments: Ground.Route.allCases)
    func `with a spoilt answer is accepted only when the order in it is the one that was asked`(
        route: Ground.Route
    ) async throws {
        let ground = try Ground(route, throughFaults: true, seed: 7)
        try await ground.faults?.control("/script", #"{"fault":"corrupt","method":"POST","times":40}"#, port: "control")
        for number in 0..<40 {
            switch try await ground.submit("c-\(number)").verdict {
            case .accepted(let order):
                #expect(order.clientOrderID?.text == "c-\(number)" && order.symbol.text == "AAPL" && order.qty == 3)
            case .unknown(let taxonomy): #expect([.invalidJSON, .contractViolation].contains(taxonomy))
            case .rejected, .notSent, .taken: Issue.record("an order that lives was called dead")
            }
        }
    }

    @Test(
        arguments: Ground.Route.allCases,
        ["drop_before", "drop_after", "error_before", "error_after", "truncate", "corrupt", "refuse"])
    func `is looked up on the same bad way, which never passes for its absence`(
        route: Ground.Route, fault: String
    ) async throws {
        let ground = try Ground(route, throughFaults: true)
        #expect(try await ground.submit("c-1").verdict.order != nil)
        let script = #"{"fault":"\#(fault)","method":"GET","times":1,"milliseconds":1}"#
        let call = try Ground.call()
        try await ground.faults?.control("/script", script, port: "control")
        let found = await ground.adapter.lookup(clientOrderID: try ClientOrderID("c-1"), call).verdict
        #expect(found != .absent)
        // A refusing proxy needs a moment to listen again; one that does not yet answers nothing, which is no list.
        try await ground.faults?.control("/script", script, port: "control")
        let open = await ground.adapter.openOrders(call).verdict
        #expect(open != .orders([], isComplete: true) && open != .orders([], isComplete: false))
    }

    /// The storm: random faults from one seed, and after each submit the truth is asked of the broker.
    @Test(arguments: Ground.Route.allCases)
    func `in a storm is never called unsent when it lives`(route: Ground.Route) async throws {
        let seed: UInt64 = 20_261_120
        let ground = try Ground(route, throughFaults: true, seed: seed)
        try await ground.broker.control("/_sim/settings", #"{"unique_client_order_ids":false}"#)
        let chances =
            #"{"milliseconds":300,"delay":50,"refuse":40,"drop_before":60,"drop_after":60,"hang_before":30,"#
            + #""hang_after":30,"error_before":50,"error_after":50,"truncate":50,"corrupt":50,"drip":20}"#
        try await ground.faults?.control("/random", chances, port: "control")
        for number in 0..<80 {
            let id = "s-\(number)"
            let verdict = try await ground.submit(id, limit: .milliseconds(250)).verdict
            let (submits, orders) = try await ground.counts(id)
            #expect(submits <= 1 && orders <= 1, "seed \(seed), \(id): \(verdict)")
            switch verdict {
            case .accepted: #expect(orders == 1, "seed \(seed), \(id)")
            case .notSent, .rejected: #expect(orders == 0, "seed \(seed), \(id): \(verdict)")
            case .unknown, .taken: break
            }
        }
    }
}
