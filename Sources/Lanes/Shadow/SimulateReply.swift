internal import Core
internal import Domain

/// What the runner said of one simulation, believed only as far as it can be checked.
struct SimulateReply {
    let price: Amount?
    let slippage: Amount?
    let status: ParityStatus
    let failure: LaneFailure?
    let authority: AuthorityMode
    let blocking: Code?
    let version: Label?
    let raw: CompactJSON

    init(_ body: [UInt8], to question: ShadowQuestion) throws(LaneFault) {
        let answer = try LaneAnswer(body)
        if let symbol = answer.text("symbol"), symbol != question.symbol.text {
            throw .breach("it is about another symbol")
        }
        if let side = answer.text("side"), side != question.intent.side.rawValue {
            throw .breach("it is about another side")
        }
        guard let mode = answer.text("authority_mode").flatMap(AuthorityMode.init(rawValue:)) else {
            throw .breach("it names no authority_mode that is known")
        }
        guard let told = answer.text("parity_status").flatMap(ParityStatus.init(rawValue:)) else {
            throw .breach("it names no parity_status that is known")
        }
        price = try answer.amount("simulated_fill_price")
        slippage = try answer.amount("simulated_slippage_bps")
        authority = mode
        blocking = answer.text("blocking_reason").flatMap(Self.code)
        version = answer.text("simulator_version").flatMap(Self.label)
        raw = answer.compact
        let named = answer.text("failure_taxonomy").flatMap(LaneFailure.init(rawValue:))
        guard mode != .deterministicScaffold else {
            // A price out of a hash proves nothing, whatever it is called.
            status = .blockedMissingEmpiricalAuthority
            failure = .missingEmpiricalShadowReplay
            return
        }
        if let price {
            try Self.check(price, question)
            // Whether it agrees with the real fill is for the fill to say, not for the runner.
            status = .unknown
            failure = nil
        } else {
            guard told == .inconclusive else { throw .breach("it has no price and is not inconclusive") }
            status = .inconclusive
            failure = named ?? .noSimulatedFill
        }
    }

    /// No fill is this far from the quote that it was simulated with.
    private static func check(_ price: Amount, _ question: ShadowQuestion) throws(LaneFault) {
        guard price > .zero else { throw .breach("simulated_fill_price is not above zero") }
        guard let quote = question.quote else { return }
        let (half, twice) = (quote.bid.units / 2, quote.ask.units.multipliedReportingOverflow(by: 2))
        guard price.units >= half, twice.overflow || price.units <= twice.partialValue else {
            throw .breach("simulated_fill_price is nowhere near the quote")
        }
    }

    private static func code(_ text: String) -> Code? { do { return try Code(text) } catch { return nil } }
    private static func label(_ text: String) -> Label? { do { return try Label(text) } catch { return nil } }
}
