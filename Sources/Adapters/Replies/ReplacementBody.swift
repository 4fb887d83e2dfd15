internal import Core
internal import Domain
internal import JSON

/// New terms as both routes are asked for them: what stays as it is is left out.
enum ReplacementBody {
    static func of(_ order: OrderReplacement) -> [UInt8] {
        var writer = JSONWriter(reserving: 256)
        writer.object { writer in
            let fields: [(StaticString, String?)] = [
                ("qty", order.qty?.description), ("limit_price", order.limitPrice?.description),
                ("stop_price", order.stopPrice?.description), ("trail", order.trail?.description),
                ("time_in_force", order.timeInForce?.rawValue), ("client_order_id", order.clientOrderID.text),
            ]
            for (name, value) in fields {
                guard let value else { continue }
                writer.key(name)
                writer.string(value)
            }
        }
        return writer.finish()
    }
}
