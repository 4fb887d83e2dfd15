import Synchronization

/// What a runner may do wrong.
enum Misdeed: String, Sendable, CaseIterable {
    /// 503, not sent.
    case refuse
    /// No answer, and nothing sent.
    case timeoutBefore = "timeout_before"
    /// No answer, and sent.
    case timeoutAfter = "timeout_after"
    /// Sleeps before it looks at anything.
    case delay
    case errorBefore = "error_before"
    case errorAfter = "error_after"
    case wrongSymbol = "wrong_symbol"
    case wrongQuantity = "wrong_quantity"
    case wrongClientID = "wrong_client_id"
    case missingFields = "missing_fields"
    case extraFields = "extra_fields"
    case notJSON = "not_json"

    static let lies: [Misdeed] = [.wrongSymbol, .wrongQuantity, .wrongClientID, .missingFields, .notJSON]

    func spoil(_ order: Tree) -> [UInt8] {
        switch self {
        case .wrongSymbol: order.with(["symbol": .string("WRONG")]).bytes
        case .wrongQuantity: order.with(["qty": .string("987654")]).bytes
        case .wrongClientID: order.with(["client_order_id": .string("somebody-else")]).bytes
        case .missingFields: Tree.object(["status": order["status"] ?? .null]).bytes
        case .extraFields: order.with(["_surprise": .object(["a": .array([.null])])]).bytes
        case .notJSON: Array("<html>ok</html>".utf8)
        default: order.bytes
        }
    }
}

/// Which misdeed comes next: the script's first, then chance.
final class Misbehaviour: Sendable {
    private struct Scripted: Sendable {
        let misdeed: Misdeed
        let clientOrderID: String?
        var times: Int
        let milliseconds: Int?
    }

    private struct State {
        var dice: Dice
        var script: [Scripted] = []
        var health = Tree.object([
            "status": .string("ok"), "service": .string("torghut-lean-runner"), "contract_version": .string("lean-v2"),
        ])
        var perMille: [(name: String, share: Int)] = []
        var milliseconds = 60_000
        var log: [Tree] = []
    }

    static let maximumEntries = 1_000_000
    private let state: Mutex<State>

    init(seed: UInt64) { state = Mutex(State(dice: Dice(seed: seed))) }

    func next(for clientOrderID: String) -> (misdeed: Misdeed?, milliseconds: Int) {
        state.withLock { state in
            let fits = { (scripted: Scripted) in (scripted.clientOrderID ?? clientOrderID) == clientOrderID }
            if let index = state.script.firstIndex(where: fits) {
                let scripted = state.script[index]
                state.script[index].times -= 1
                if state.script[index].times <= 0 { state.script.remove(at: index) }
                return (scripted.misdeed, scripted.milliseconds ?? state.milliseconds)
            }
            var roll = Int(state.dice.next() % 1000)
            for (name, share) in state.perMille {
                if roll < share {
                    let lie = Misdeed.lies[Int(state.dice.next() % UInt64(Misdeed.lies.count))]
                    return (Misdeed(rawValue: name) ?? lie, state.milliseconds)
                }
                roll -= share
            }
            return (nil, 0)
        }
    }

    func script(_ tree: Tree) -> String? {
        for item in tree.elements.isEmpty ? [tree] : tree.elements {
            guard let misdeed = item["action"]?.string.flatMap(Misdeed.init) else { return "there is no such action" }
            let scripted = Scripted(
                misdeed: misdeed, clientOrderID: item["client_order_id"]?.string, times: item["times"]?.integer ?? 1,
                milliseconds: item["milliseconds"]?.integer)
            state.withLock { $0.script.append(scripted) }
        }
        return nil
    }

    /// What it says when it is asked how it is.
    var health: Tree { state.withLock { $0.health } }

    /// Fields that take the place of those it says of itself: another version, another status.
    func claim(_ tree: Tree) -> String? {
        guard case .object(let fields) = tree else { return "claims are an object" }
        state.withLock { state in
            for field in fields { state.health = state.health.with([field.name: field.value]) }
        }
        return nil
    }

    /// `lie` stands for any of the lies.
    func chance(_ tree: Tree) -> String? {
        guard case .object(let fields) = tree else { return "chances are an object" }
        return state.withLock { state in
            var shares: [(String, Int)] = []
            for field in fields {
                switch field.name {
                case "seed": state.dice = Dice(seed: UInt64(max(0, field.value.integer ?? 1)))
                case "milliseconds": state.milliseconds = max(0, field.value.integer ?? state.milliseconds)
                default:
                    guard field.name == "lie" || Misdeed(rawValue: field.name) != nil, let share = field.value.integer
                    else { return "there is no action '\(field.name)'" }
                    shares.append((field.name, share))
                }
            }
            state.perMille = shares
            return nil
        }
    }

    func note(_ entry: Tree) {
        state.withLock { state in
            if state.log.count < Self.maximumEntries { state.log.append(entry) }
        }
    }

    var log: [Tree] { state.withLock { $0.log } }
}
