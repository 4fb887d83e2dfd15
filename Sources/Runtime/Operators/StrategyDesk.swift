public import Commands
public import Core
public import Domain
internal import Folding
internal import JSON
internal import Wire

/// Says which strategies may trade, for whoever may: the command line and the API do the same.
public enum StrategyDesk {
    /// Lets a strategy trade, unless the log says something against it; answers where that lies.
    ///
    /// Of two at once the second sees what the first has said.
    public static func enable(
        _ strategy: StrategyID, definition: CompactJSON?, hash given: ContentHash?, parity: EventID?,
        _ origin: OperatorOrigin, through desk: ControlDesk
    ) async throws -> RecordPosition? {
        try await desk.say { log in
            try word(
                strategy, definition: definition, hash: given, parity: parity, origin,
                given: await StrategyView.read(log))
        }
    }

    /// The word that lets a strategy trade, given what the log says.
    public static func word(
        _ strategy: StrategyID, definition: CompactJSON?, hash given: ContentHash?, parity: EventID?,
        _ origin: OperatorOrigin, given view: StrategyView
    ) throws(OperatorRefusal) -> Control {
        let hash = definition.map { EventMint.content($0.bytes) } ?? given
        if let given, given != hash {
            throw OperatorRefusal(.words, "the definition hashes to \(hash?.description ?? "nothing")")
        }
        if let unread = view.unreadable.first { throw refusal(strategy, "\(unread)") }
        do throws(StrategyEnablement.Refusal) {
            return try StrategyEnablement.decide(
                strategy, order: origin.order(.strategy(strategy)), definitionHash: hash,
                definitionJSON: definition, parity: parity, given: view.parity)
        } catch { throw refusal(strategy, error.why) }
    }

    public static func disable(_ strategy: StrategyID, _ origin: OperatorOrigin) -> Control {
        .strategyDisabled(StrategyDisabled(order: origin.order(.strategy(strategy)), strategyID: strategy))
    }

    /// Compact: spaces and line ends are no part of a definition, nor of its hash.
    public static func definition(_ bytes: [UInt8]) throws(OperatorRefusal) -> CompactJSON {
        var parser = JSONParser()
        var text: [UInt8] = []
        do {
            let root = try parser.parse(bytes)
            try root.refuseDuplicateKeys()
            guard root.fields() != nil else { throw OperatorRefusal(.words, "the definition is no JSON object") }
            root.minify(into: &text)
        } catch let error as OperatorRefusal { throw error } catch {
            throw OperatorRefusal(.words, "the definition is no JSON: \(error)")
        }
        guard text.count <= CompactJSON.maximumBytes else {
            throw OperatorRefusal(.words, "the definition is larger than \(CompactJSON.maximumBytes) bytes")
        }
        return CompactJSON(trusted: text)
    }

    private static func refusal(_ strategy: StrategyID, _ why: String) -> OperatorRefusal {
        OperatorRefusal(.conflict, "\(strategy) is not enabled: \(why)")
    }
}

extension StrategyEnablement.Refusal {
    fileprivate var why: String {
        switch self {
        case .idsDiverged(let event): "order ids diverged (event \(event)), and no verdict on parity has passed since"
        case .parityFailed(let event): "the last verdict on parity failed (event \(event.map { "\($0)" } ?? "unknown"))"
        case .parityNotProved: "the verdict on parity that was named is not the last one"
        }
    }
}
