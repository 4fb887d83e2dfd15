/// One thing that happens to an order.
enum LifeStep: Sendable, Equatable {
    /// The broker says this of it, and it stands so.
    case word(String)
    /// It works again, as far as it was filled.
    case resume
    /// Told once more as it stands.
    case restate
    /// What was asked for last is refused; it works on.
    case refuse(String)
    /// Some of what is left is filled.
    case part
    /// All that is left is filled.
    case whole
    case end(String)
    /// It goes on under another id, with a life of its own.
    case replace
    /// One of its executions is taken back, or corrected.
    case bust
    case correct
}

/// How often things happen in the lives of one batch, in a thousand.
struct LifeChances: Sendable {
    var hide = 0
    var duplicate = 0
    var late = 0
    /// Of orders whose executions are taken back or corrected.
    var amend = 60
}

/// What will happen to one order, in the order it happens: legal for a broker, and otherwise chance.
struct LifePlan: Sendable {
    /// Orders that are replaced again and again end with this one.
    static let longestChain = 3

    private(set) var steps: [LifeStep] = []
    /// Of an order with amended executions nobody can tell a hidden fill by its sums: it hides none.
    let amends: Bool
    private var dice: Dice

    init(dice: inout Dice, chain: Int, _ chances: LifeChances) {
        self.dice = Dice(seed: dice.next())
        amends = self.dice.hits(chances.amend)
        guard open(chain) else { return }
        for _ in 0..<roll(4) { interlude() }
        if amends {
            steps.append(.part)
            if self.dice.hits(300) { steps.append(amendment()) }
        }
        close(chain)
        if amends { for _ in 0...roll(2) { steps.append(amendment()) } }
    }

    private mutating func roll(_ sides: Int) -> Int { Int(dice.next() % UInt64(sides)) }

    private mutating func amendment() -> LifeStep { dice.hits(500) ? .bust : .correct }

    /// False when it never came to work.
    private mutating func open(_ chain: Int) -> Bool {
        switch chain > 0 ? roll(90) : roll(100) {
        case 0..<40: steps = [.word("new")]
        case 40..<60: steps = [.word("accepted"), .word("new")]
        case 60..<80: steps = [.word("pending_new"), .word("new")]
        case 80..<90: steps = [.word("pending_new"), .word("accepted"), .word("new")]
        case 90..<95: steps = [.word("held"), .word("new")]
        default:
            steps = [.word(dice.hits(500) ? "accepted" : "pending_new"), .end("rejected")]
            return false
        }
        return true
    }

    private mutating func interlude() {
        switch roll(92) {
        case 0..<40: steps.append(.part)
        case 40..<48: steps += [.word("suspended"), .resume]
        case 48..<58: steps += [.word("pending_cancel"), .refuse("order_cancel_rejected")]
        case 58..<68: steps += [.word("pending_replace"), .refuse("order_replace_rejected")]
        case 68..<76: steps.append(.restate)
        case 76..<84: steps += [.word("done_for_day"), .resume]
        default: steps += [.word("done_for_day"), .word("calculated"), .resume]
        }
    }

    private mutating func close(_ chain: Int) {
        switch roll(100) {
        case 0..<38:
            for _ in 0..<roll(3) { steps.append(.part) }
            steps.append(.whole)
        case 38..<44: steps += [.word("stopped"), .whole]
        case 44..<54: steps += [.word("pending_cancel"), .end("canceled")]
        case 54..<60: steps += [.word("pending_cancel"), .part, .end("canceled")]
        case 60..<64: steps += [.word("pending_cancel"), .whole]
        case 64..<67: steps.append(.end("canceled"))
        case 67..<74: steps.append(.end("expired"))
        case 74..<77: steps += [.word("done_for_day"), .end("expired")]
        case 77..<90: steps += chain < Self.longestChain ? [.word("pending_replace"), .replace] : [.whole]
        case 90..<94: break
        case 94..<97: steps.append(.word("done_for_day"))
        default: steps += [.word("done_for_day"), .word("calculated")]
        }
    }
}
