/// What can happen to a request on its way.
enum Fault: String, Sendable, CaseIterable {
    /// Passed on after a while.
    case delay
    /// Nobody listens for a while; this request is lost.
    case refuse
    case dropBefore = "drop_before"
    case dropAfter = "drop_after"
    case hangBefore = "hang_before"
    case hangAfter = "hang_after"
    case errorBefore = "error_before"
    /// Passed on, and answered with 502 all the same.
    case errorAfter = "error_after"
    /// Half of the answer.
    case truncate
    /// An answer with other bytes.
    case corrupt
    /// Passed on twice; the second answer is given.
    case duplicate
    /// The answer byte by byte.
    case drip
}

/// A fault that a script wants, for the requests that fit.
struct ScriptedFault: Sendable {
    let fault: Fault
    let method: String?
    /// How the path begins.
    let path: String
    var times: Int
    let milliseconds: Int?

    init?(_ tree: Tree) {
        guard let fault = tree["fault"]?.string.flatMap(Fault.init) else { return nil }
        self.fault = fault
        method = tree["method"]?.string
        path = tree["path"]?.string ?? "/"
        times = tree["times"]?.integer ?? 1
        milliseconds = tree["milliseconds"]?.integer
    }
}

/// Which fault comes next: the script's first, then chance.
struct FaultPlan: Sendable {
    var dice: Dice
    var script: [ScriptedFault] = []
    /// Of a thousand requests, so many meet this fault.
    var perMille: [(fault: Fault, share: Int)] = []
    var milliseconds = 50

    mutating func next(_ method: String, _ target: String) -> (fault: Fault?, milliseconds: Int) {
        if let index = script.firstIndex(where: { ($0.method ?? method) == method && target.hasPrefix($0.path) }) {
            let scripted = script[index]
            script[index].times -= 1
            if script[index].times <= 0 { script.remove(at: index) }
            return (scripted.fault, scripted.milliseconds ?? milliseconds)
        }
        var roll = Int(dice.next() % 1000)
        for (fault, share) in perMille {
            if roll < share { return (fault, milliseconds) }
            roll -= share
        }
        return (nil, 0)
    }

    mutating func chance(_ tree: Tree) -> String? {
        guard case .object(let fields) = tree else { return "chances are an object" }
        var shares: [(Fault, Int)] = []
        for field in fields {
            switch field.name {
            case "seed": dice = Dice(seed: UInt64(max(0, field.value.integer ?? 1)))
            case "milliseconds": milliseconds = max(0, field.value.integer ?? milliseconds)
            default:
                guard let fault = Fault(rawValue: field.name), let share = field.value.integer else {
                    return "there is no fault '\(field.name)'"
                }
                shares.append((fault, share))
            }
        }
        perMille = shares
        return nil
    }
}
