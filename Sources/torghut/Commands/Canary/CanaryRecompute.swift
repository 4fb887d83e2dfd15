import Commands
import Core
import Domain
import Runtime
import Wire

/// Computes every verdict again from what it was computed from, and holds it against what was said.
enum CanaryRecompute {
    static let command = Command(
        "canary recompute", "compute verdicts again from the log, and compare them with what was said",
        details: """
            An evaluation on control names its moment, its terms and the positions it had seen; the verdicts follow \
            from these and the log, and are compared byte by byte. The log is read once for each length of window, and \
            never held as a whole. Without the canary's own topic on the log they are compared with those of another \
            one (--against). Where nothing was compared the answer is no, unless nothing was to be (--alone).
            """,
        options: [
            .valued("from", "TIME", "only evaluations from here on, RFC 3339"),
            .valued("to", "TIME", "only evaluations before this moment"),
            .valued("against", "ADDRESS", "the log that has the verdicts, when this one has lost them"),
            .switched("alone", "only compute them, and compare them with nothing"),
        ],
        answerNo: "a verdict differs, or is missing on either side; nothing was compared; or a record cannot be read"
    ) { invocation in
        let from = try CanaryReading.moment(invocation, "from") ?? .earliest
        let to = try CanaryReading.moment(invocation, "to") ?? .latest
        let isAlone = invocation.has("alone")
        if isAlone, invocation.value("against") != nil { throw UsageError("--alone compares with nothing") }
        let settings = try invocation.settings()
        let other = try invocation.settings(log: invocation.value("against"))
        return try await OpenedLog.using(settings, to: .read) { opened in
            try await OpenedLog.using(other, to: .read) { said in
                var comparison = Comparison(json: invocation.json)
                var (lengths, findings) = try await VerdictReplay.lengths(opened.log, from: from, to: to)
                // Without a single evaluation there may still be verdicts that nothing is the reason of.
                if lengths.isEmpty { lengths = [.zero] }
                let (known, others) = (Set(lengths), findings)
                for length in lengths {
                    let isRest = length == lengths.last
                    let isMeant: (CanaryJudged) -> Bool = { verdict in
                        let (moment, remembered) = (verdict.window.evaluatedAt, verdict.terms?.remembered)
                        guard moment >= from, moment < to, !others.isOther(moment) else { return false }
                        // What no evaluation here can be the reason of is looked for in the last pass.
                        return remembered == length || (isRest && remembered.map { !known.contains($0) } ?? true)
                    }
                    let verdicts = isAlone ? nil : try await SaidVerdicts.open(said.log, where: isMeant)
                    let replay = try await VerdictReplay.open(
                        opened.log, remembering: length, from: from, to: to, mint: EventMint.mint)
                    let outcome: Result<Void, any Error>
                    do {
                        try await comparison.compare(replay, verdicts)
                        outcome = .success(())
                    } catch { outcome = .failure(error) }
                    findings.faults += replay.findings.faults + (verdicts?.faults ?? [])
                    await replay.close()
                    await verdicts?.close()
                    try outcome.get()
                }
                return try comparison.answer(findings, isAlone: isAlone)
            }
        }
    }
}

extension CanaryRecompute {
    /// What came out, printed as it comes.
    struct Comparison {
        /// So many rows are printed at once.
        private static let rowsAtOnce = 256

        private let json: Bool
        private var listing = Self.empty
        private var rows = 0
        private var recomputed: Int64 = 0
        private var compared: Int64 = 0
        private var unequal: Int64 = 0
        private var encoder = EventEncoder()

        private static var empty: Listing { Listing("id", "evaluated_at", "breach_type", "verdict", "result") }

        init(json: Bool) { self.json = json }

        nonisolated(nonsending) mutating func compare(_ replay: VerdictReplay, _ said: SaidVerdicts?) async throws {
            while let verdicts = try await replay.next() {
                for verdict in verdicts {
                    recomputed += 1
                    guard let said else {
                        try add(verdict, "recomputed")
                        continue
                    }
                    compared += 1
                    let known = try await said.take(verdict.envelope.eventID)
                    let same = known.map { encoder.encode($0) == encoder.encode(verdict) }
                    try add(verdict, same.map { $0 ? "equal" : "different" } ?? "missing")
                    while let other = try await said.unasked(isLast: false) { try add(other, "not_recomputed") }
                }
            }
            while let other = try await said?.unasked(isLast: true) { try add(other, "not_recomputed") }
            try flush()
        }

        private mutating func add(_ event: Event, _ result: String) throws {
            guard case .canary(.canaryJudged(let verdict)) = event.content else { return }
            let isWell = result == "equal" || result == "recomputed"
            if !isWell { unequal += 1 }
            // A person wants to see what is wrong; a program may want all.
            guard json || !isWell else { return }
            listing.add(
                .text("\(event.envelope.eventID)"), .text("\(verdict.window.evaluatedAt)"),
                .text(verdict.breachType.rawValue), .text(verdict.window.verdict.rawValue), .text(result))
            rows += 1
            if rows == Self.rowsAtOnce { try flush() }
        }

        private mutating func flush() throws {
            if rows > 0 { try listing.print(json: json) }
            (listing, rows) = (Self.empty, 0)
        }

        func answer(_ findings: VerdictReplay.Findings, isAlone: Bool) throws -> ExitCode {
            for fault in findings.faults { StandardError.line("torghut: \(fault)") }
            if findings.otherRules > 0 {
                StandardError.line(
                    "torghut: \(findings.otherRules) evaluations are by other rules than "
                        + "\(CanaryFold.knownRules.lowerBound) to \(CanaryFold.rules), and are not computed again")
            }
            let isNothing = !isAlone && compared == 0
            if !json {
                let what =
                    isNothing || isAlone
                    ? "nothing was compared"
                    : unequal > 0
                        ? "NOT all equal (\(unequal))"
                        : findings.faults.isEmpty ? "all equal" : "equal as far as the log could be read"
                try StandardOutput().line("\(recomputed) verdicts recomputed: \(what)")
            } else if isNothing {
                StandardError.line("torghut: nothing was compared")
            }
            return unequal == 0 && !isNothing && findings.faults.isEmpty ? .ok : .no
        }
    }
}
