import Adapters
import Core
import Domain

/// Orders as the contract shows them: the broker's own object, and who carried it.
enum OrderAnswer {
    static func document(_ order: FoundOrder) -> Document {
        let raw: Document
        if let read = try? Document(order.raw.bytes, limits: Document.brokerLimits), read.fields != nil {
            raw = read
        } else {
            raw = bare(order)
        }
        return raw.with("_execution_adapter", .string("lean")).with("_lean_contract_version", .string("v2"))
    }

    /// What is remembered of an answer: all of it, unless it is larger than an order can be.
    static func stored(_ order: FoundOrder) -> StoredAnswer {
        let whole = document(order).bytes
        guard whole.count > StoredAnswer.maximumBytes else { return StoredAnswer(status: 200, body: whole) }
        let short = bare(order).with("_execution_adapter", .string("lean"))
            .with("_lean_contract_version", .string("v2"))
        return StoredAnswer(status: 200, body: short.bytes)
    }

    /// The fields that the contract requires.
    private static func bare(_ order: FoundOrder) -> Document {
        .object([
            "id": .string(order.id.text), "client_order_id": .text(order.clientOrderID?.text),
            "symbol": .string(order.symbol.text), "side": .text(order.side?.rawValue),
            "status": .string(order.status.rawValue), "qty": .amount(order.qty),
            "type": .text(order.orderType?.rawValue), "time_in_force": .text(order.timeInForce?.rawValue),
            "limit_price": .amount(order.limitPrice), "stop_price": .amount(order.stopPrice),
            "filled_qty": .amount(order.filledQty), "filled_avg_price": .amount(order.filledAvgPrice),
        ])
    }

    /// The answer that was given, with its own words for a failure.
    static func replay(_ answer: StoredAnswer, isReplay: Bool) -> RunnerReply {
        var reply = RunnerReply(status: answer.status, object: answer.body)
        reply.isReplay = isReplay
        if answer.status != 200 { reply.taxonomy = .brokerRejected }
        return reply
    }
}
