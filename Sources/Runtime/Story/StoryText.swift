internal import Core
public import Domain

/// A story as lines for a person: a tree whose every line says what happened, where it lies and how long it took.
public enum StoryText {
    /// What stands in the tree anyway, or is for machines.
    private static let silent: Set<String> = [
        "decision_hash", "intent_id", "client_order_id", "attempt_id", "execution_idempotency_key",
        "execution_correlation_id", "strategy_id", "side", "scope", "event_fingerprint", "feed_seq", "owner_epoch",
        "request_hash", "fallback_allowed", "account_label_origin", "source_topic", "source_partition",
        "source_offset", "update_shape", "cancel_id", "replace_id", "next_attempt_id",
    ]

    public static func text(_ account: StoryAccount) -> String {
        var text = head(account)
        for (index, root) in account.roots.enumerated() {
            write(root, before: "", isLast: index == account.roots.count - 1, isRoot: true, to: &text)
        }
        text += "\n" + verdict(account)
        return text
    }

    private static func head(_ account: StoryAccount) -> String {
        var text = ""
        for (name, values) in [
            ("decision", account.decisions), ("intent", account.intents), ("client order", account.clientOrderIDs),
            ("broker order", account.brokerOrderIDs), ("account", [account.account?.text].compactMap { $0 }),
            ("symbol", [account.symbol?.text].compactMap { $0 }),
            ("strategy", [account.strategy?.text].compactMap { $0 }),
        ] where !values.isEmpty {
            text +=
                name + String(repeating: " ", count: max(1, 14 - name.count)) + values.joined(separator: ", ") + "\n"
        }
        return text + "\n"
    }

    private static func verdict(_ account: StoryAccount) -> String {
        switch account.verdict {
        case .complete: return "complete: it ended, and nothing is missing\n"
        case .open: return "open: nothing is missing so far, and it goes on\n"
        case .incomplete:
            var text =
                "incomplete: \(account.holes.count) \(account.holes.count == 1 ? "link is" : "links are") missing\n"
            for hole in account.holes { text += lines(of: hole) }
            return text
        }
    }

    public static func lines(of hole: StoryHole) -> String {
        var text = "  \(hole.link.rawValue): missing is \(hole.missing)\n    shown by [\(hole.shownBy)]\n"
        for sign in hole.signs { text += "    because \(sign)\n" }
        return text + "    next: \(hole.next)\n"
    }

    private static func write(
        _ node: StoryNode, before lead: String, isLast: Bool, isRoot: Bool, to text: inout String
    ) {
        let (branch, below) = isRoot ? ("", "") : (isLast ? ("└─ ", "   ") : ("├─ ", "│  "))
        text += lead + branch + title(node) + "\n"
        let rest = lead + below
        let margin = rest + (node.children.isEmpty ? "     " : "│    ")
        for line in wrapped(facts(node)) { text += margin + line + "\n" }
        for (index, child) in node.children.enumerated() {
            write(child, before: rest, isLast: index == node.children.count - 1, isRoot: false, to: &text)
        }
    }

    static func title(_ node: StoryNode) -> String {
        let role: String
        switch node.role {
        case .followed: role = ""
        case .reason: role = "because: "
        case .inForce: role = "in force: "
        case .unread: role = "unread: "
        }
        let latency = node.latencyMicroseconds.map { " \(Self.latency($0))" } ?? ""
        let again = node.repeated.isEmpty ? "" : " again at " + node.repeated.map { "\($0)" }.joined(separator: ", ")
        return "\(role)\(node.type)  \(node.at)\(latency)  [\(node.place)]\(again)"
    }

    static func latency(_ microseconds: Int64) -> String {
        let sign = microseconds < 0 ? "-" : "+"
        let value = microseconds.magnitude
        if value < 1_000 { return "\(sign)\(value) µs" }
        if value < 1_000_000 { return "\(sign)\(value / 1_000).\(value % 1_000 / 100) ms" }
        return "\(sign)\(value / 1_000_000).\(value % 1_000_000 / 100_000) s"
    }

    private static func facts(_ node: StoryNode) -> [String] {
        joined(node.facts).compactMap { fact in
            let name = fact.name.split(separator: ".").last.map(String.init) ?? fact.name
            guard !silent.contains(name) else { return nil }
            switch fact.value {
            case .json(let bytes):
                // Raw orders and audits are long: `--json` has them.
                return bytes.count > 120 ? "\(name)=(\(bytes.count) bytes)" : "\(name)=\(fact.text)"
            case .text, .number, .flag: return "\(name)=\(shown(fact.text))"
            }
        }
    }

    /// A position is three fields on the log and one word to a reader.
    private static func joined(_ facts: [StoryFact]) -> [StoryFact] {
        var (joined, rest): ([StoryFact], ArraySlice<StoryFact>) = ([], facts[...])
        while let fact = rest.popFirst() {
            guard fact.name.hasSuffix(".topic"), rest.count >= 2, let partition = rest.first,
                let offset = rest.dropFirst().first, partition.name.hasSuffix(".partition"),
                offset.name.hasSuffix(".offset")
            else {
                joined.append(fact)
                continue
            }
            rest = rest.dropFirst(2)
            let place = "\(fact.text)/\(partition.text)/\(offset.text)"
            joined.append(StoryFact(String(fact.name.dropLast(".topic".count)), .text(place)))
        }
        return joined
    }

    /// One line, whatever an operator or a broker wrote.
    private static func shown(_ text: String) -> String {
        let line = text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : String($0) }.joined()
        return line.contains(" ") ? "'\(line)'" : line
    }

    private static func wrapped(_ facts: [String]) -> [String] {
        var lines: [String] = []
        var line = ""
        for fact in facts {
            if !line.isEmpty, line.count + fact.count > 100 {
                lines.append(line)
                line = ""
            }
            line += (line.isEmpty ? "" : "  ") + fact
        }
        if !line.isEmpty { lines.append(line) }
        return lines
    }
}
