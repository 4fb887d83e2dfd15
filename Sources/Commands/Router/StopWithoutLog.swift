internal import Adapters
internal import Core
internal import Domain
internal import Telemetry

/// Ends open orders at a stop while the log takes nothing, for all partitions of a process.
///
/// A cancellation only lowers the risk and may be repeated, so it alone may leave before it is written down. When the
/// log is back the owner writes it, asks again, and waits for the order's own status as always.
struct StopWithoutLog: Sendable {
    private struct Asking {
        var count = 0
        var nextAt = ContinuousClock.now
    }

    private struct Question: Sendable {
        let owner: RouterPartition
        let order: OpenOrder
        var adapter: Adapter
    }

    let setup: RouterSetup

    func run(_ owners: @Sendable () -> [RouterPartition]) async {
        var askings: [BrokerOrderID: Asking] = [:]
        while !Task.isCancelled {
            let due = await due(owners(), &askings)
            await ask(due, &askings)
            do { try await Task.sleep(for: setup.limits.controlLook) } catch { return }
        }
    }

    private func due(_ owners: [RouterPartition], _ askings: inout [BrokerOrderID: Asking]) async -> [Question] {
        var (due, open): ([Question], [BrokerOrderID: Asking]) = ([], [:])
        for owner in owners {
            for order in await owner.ordersToEnd() {
                var asking = askings[order.orderID] ?? Asking()
                if ContinuousClock.now >= asking.nextAt {
                    asking.count += 1
                    // The account is the broker's: what one route does not cancel the other may.
                    let adapter = asking.count % 2 == 1 ? order.adapter : .alpaca
                    due.append(Question(owner: owner, order: order, adapter: adapter))
                }
                open[order.orderID] = asking
            }
        }
        askings = open
        return due
    }

    /// Some at once; where one route is silent, those that have not left yet take the other.
    private func ask(_ questions: [Question], _ askings: inout [BrokerOrderID: Asking]) async {
        let answers = await withTaskGroup(of: Answer.self) { group in
            var (waiting, silent, answers): (ArraySlice<Question>, Set<Adapter>, [Answer]) = (questions[...], [], [])
            var underWay = 0
            while true {
                while underWay < RouterAdapters.questions, var question = waiting.popFirst() {
                    if silent.contains(question.adapter) { question.adapter = .alpaca }
                    underWay += 1
                    group.addTask { [question] in
                        Answer(question.order.orderID, question.adapter, isAnswered: await ask(question))
                    }
                }
                guard let answer = await group.next() else { return answers }
                underWay -= 1
                answers.append(answer)
                if !answer.isAnswered { silent.insert(answer.adapter) }
            }
        }
        let timing = setup.inForce.policy.routing.timing
        for answer in answers {
            guard var asking = askings[answer.order] else { continue }
            var pause = timing.longestLookupInterval
            if !answer.isAnswered { pause = min(pause, timing.lookupInterval * (1 << min(asking.count - 1, 16))) }
            asking.nextAt = .now + pause
            askings[answer.order] = asking
        }
    }

    private struct Answer: Sendable {
        let order: BrokerOrderID
        let adapter: Adapter
        let isAnswered: Bool

        init(_ order: BrokerOrderID, _ adapter: Adapter, isAnswered: Bool) {
            self.order = order
            self.adapter = adapter
            self.isAnswered = isAnswered
        }
    }

    /// Whether the broker, or the runner for him, answered; whether the order has ended is asked when it can be written.
    private func ask(_ question: Question) async -> Bool {
        guard let adapter = setup.adapters.asking[question.adapter] else { return false }
        let order = question.order
        let now = setup.time.now()
        let terms = CallTerms(
            correlationID: CorrelationID(trusted: "torghut-stop-\(String(order.intentID.high, radix: 16))"),
            deadline: now.advanced(by: setup.inForce.policy.routing.timing.deadline) ?? .latest)
        setup.metrics.unwrittenCancels.labelled(question.adapter.rawValue).increment()
        switch await adapter.cancel(orderID: order.orderID, terms).verdict {
        case .requested:
            await question.owner.asked(order, at: now)
            return true
        case .refused, .absent: return true
        case .inconclusive: return false
        }
    }
}
