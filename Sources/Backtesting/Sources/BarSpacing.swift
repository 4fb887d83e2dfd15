internal import Core
public import Engine

/// Whether bars can be as long as the configuration says: else one would be known before it is over.
public enum BarSpacing {
    /// What is wrong with the bars of an arranged tape, or `nil`.
    public static func fault(of tape: MarketTape) -> String? {
        var last: [Bar?] = Array(repeating: nil, count: tape.symbols.count)
        var pairs = Array(repeating: 0, count: tape.symbols.count)
        var touches = Array(repeating: false, count: tape.symbols.count)
        for entry in tape.entries {
            guard case .bar(let bar) = entry.item else { continue }
            if let before = last[entry.symbol] {
                guard bar.opened >= before.closed else {
                    return "bars of \(tape.symbols[entry.symbol].text) overlap at \(bar.opened): one is there twice, or"
                        + " timeframe_seconds is too long"
                }
                pairs[entry.symbol] += 1
                if bar.opened == before.closed { touches[entry.symbol] = true }
            }
            last[entry.symbol] = bar
        }
        // Of two bars alone nobody can tell; of more, some follow each other without a gap.
        for index in tape.symbols.indices where pairs[index] >= 2 && !touches[index] {
            return "no two bars of \(tape.symbols[index].text) follow each other: timeframe_seconds is too short"
        }
        return nil
    }
}
