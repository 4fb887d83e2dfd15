import Glibc

/// Measures every hot path beside its floor in the same run and prints one table.
///
/// `Benchmarks [NAME …]` runs only the named groups: `length`, `backtest`, `append`, `read`, `kafka`, `words`, `commands`,
/// `refold`, `feed`, `fold`, `everything`, `indexes`, `api`, `stream`, `router`, `head`.
@main
struct Benchmarks {
    static func main() async throws {
        let groups: [(name: String, run: (inout Table) async throws -> Void)] = [
            // First, while this process is small: it compares resident memory.
            ("length", { try await JournalLength.run(into: &$0) }),
            ("backtest", { try await BacktestSpeed.run(into: &$0) }),
            ("append", { try await JournalAppend.run(into: &$0) }),
            ("read", { try await JournalRead.run(into: &$0) }),
            ("kafka", { try await KafkaThroughput.run(into: &$0) }),
            ("words", { try await WordsSpeed.run(into: &$0) }),
            ("commands", { try await CommandsSpeed.run(into: &$0) }),
            ("refold", { try await RefoldSpeed.run(into: &$0) }),
            ("feed", { try await FeedSpeed.run(into: &$0) }),
            ("fold", { try await FoldSpeed.run(into: &$0) }),
            ("everything", { try await FoldEverything.run(into: &$0) }),
            ("indexes", { try await IndexCost.run(into: &$0) }),
            ("api", { try await APISpeed.run(into: &$0) }),
            ("stream", { try await StreamSpeed.run(into: &$0) }),
            ("router", { try await RouterOverhead.run(into: &$0) }),
            // Last: the way without batches ends the table.
            ("head", { try await FoldAtHead.run(into: &$0) }),
        ]
        let wanted = CommandLine.arguments.dropFirst()
        if let unknown = wanted.first(where: { name in !groups.contains { $0.name == name } }) {
            print("no benchmark is called '\(unknown)'; there are: \(groups.map(\.name).joined(separator: ", "))")
            exit(2)
        }
        var table = Table()
        for group in groups where wanted.isEmpty || wanted.contains(group.name) {
            // What the group before left to be written must not be written while this one is measured.
            sync()
            try await group.run(&table)
        }
        print(table.text)
    }
}
