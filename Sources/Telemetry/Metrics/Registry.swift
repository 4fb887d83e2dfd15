internal import Synchronization

/// All instruments of one process, and what they say at this moment.
///
/// Each target declares its instruments in one place, `<Target>Metrics.swift`, which is given the registry. A name
/// that breaks a rule, or is declared twice with different meanings, is our bug and ends the program at once.
/// Declaring the same thing again gives the same instrument.
public final class Registry: Sendable {
    /// What the text is served as.
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    public let maximumSeries: Int
    private let families = Mutex<[String: any AnyFamily]>([:])
    private let collectors = Mutex<[@Sendable () -> Void]>([])
    /// Bytes of the last text, so that the next one finds its room.
    private let lastBytes = Atomic(0)

    public init(maximumSeries: Int = MetricLimits.maximumSeries) {
        precondition(maximumSeries > 0, "a registry without series says nothing")
        self.maximumSeries = maximumSeries
    }

    public func counter(_ name: String, _ help: String) -> Counter { counters(name, help, by: []).member([]) }

    public func counters(_ name: String, _ help: String, by labels: [String]) -> Family<Counter> {
        declare(
            MetricDeclaration(kind: .counter, name: name, help: help, labels: labels),
            make: { Counter() }, write: { $0.write($1, to: &$2) })
    }

    public func gauge(_ name: String, _ help: String) -> Gauge { gauges(name, help, by: []).member([]) }

    public func gauges(_ name: String, _ help: String, by labels: [String]) -> Family<Gauge> {
        declare(
            MetricDeclaration(kind: .gauge, name: name, help: help, labels: labels),
            make: { Gauge() }, write: { $0.write($1, to: &$2) })
    }

    public func histogram(
        _ name: String, _ help: String, bounds: [Double] = Histogram.latencies, original: OriginalName? = nil
    ) -> Histogram {
        histograms(name, help, by: [], bounds: bounds, original: original).member([])
    }

    public func histograms(
        _ name: String, _ help: String, by labels: [String], bounds: [Double] = Histogram.latencies,
        original: OriginalName? = nil
    ) -> Family<Histogram> {
        declare(
            MetricDeclaration(
                kind: .histogram, name: name, help: help, labels: labels, bounds: bounds, original: original),
            make: { Histogram(bounds: bounds) }, write: { $0.write($1, to: &$2) },
            writeOriginal: { $0.write($1, times: $2.factor, to: &$3) })
    }

    /// A count that is kept elsewhere, and told here.
    public func measured(_ name: String, _ help: String) -> MeasuredCounter {
        measured(name, help, by: []).member([])
    }

    public func measured(_ name: String, _ help: String, by labels: [String]) -> Family<MeasuredCounter> {
        declare(
            MetricDeclaration(kind: .counter, name: name, help: help, labels: labels),
            make: { MeasuredCounter() }, write: { $0.write($1, to: &$2) })
    }

    /// Looks before every scrape at what changes by itself; it must not wait for anything.
    public func collect(_ look: @escaping @Sendable () -> Void) { collectors.withLock { $0.append(look) } }

    /// Everything in Prometheus' text format, ordered by name.
    ///
    /// Behind a family stands what the original called it, for whoever asks for those names.
    public func renderBytes(_ names: MetricNames = .base) -> [UInt8] {
        for look in collectors.withLock({ $0 }) { look() }
        let last = lastBytes.load(ordering: .relaxed)
        var text = MetricsText(capacity: last + last / 8)
        let ordered = families.withLock { $0.values.sorted { $0.declaration.name < $1.declaration.name } }
        for family in ordered {
            family.write(to: &text)
            if names == .original { family.writeOriginal(to: &text) }
        }
        lastBytes.store(text.bytes.count, ordering: .relaxed)
        return text.bytes
    }

    public func render(_ names: MetricNames = .base) -> String { String(decoding: renderBytes(names), as: UTF8.self) }

    /// What was declared, as the catalogue names it: name, kind, labels, help.
    public var catalogue: [(name: String, kind: String, labels: [String], help: String)] {
        families.withLock { $0.values.map(\.declaration) }.sorted { $0.name < $1.name }
            .map { ($0.name, $0.kind.rawValue, $0.labels, $0.help) }
    }

    /// What the original called some of them: its name, kind, labels, help, and our name.
    public var originals: [(name: String, kind: String, labels: [String], help: String, of: String)] {
        families.withLock { $0.values.map(\.declaration) }.compactMap { ours in
            ours.original.map { ($0.name, ours.kind.rawValue, ours.labels, $0.help, ours.name) }
        }.sorted { $0.name < $1.name }
    }

    private func declare<Member: Sendable>(
        _ declaration: MetricDeclaration, make: @escaping @Sendable () -> Member,
        write: @escaping @Sendable (Member, Series, inout MetricsText) -> Void,
        writeOriginal: @escaping @Sendable (Member, Series, OriginalName, inout MetricsText) -> Void = { _, _, _, _ in }
    ) -> Family<Member> {
        if let fault = declaration.fault { fatalError(fault) }
        return families.withLock { families in
            if let known = families[declaration.name] {
                guard known.declaration == declaration, let family = known as? Family<Member> else {
                    fatalError("\(declaration.name) is declared twice, with different meanings")
                }
                return family
            }
            let taken = Set(families.values.flatMap(\.declaration.sampleNames))
            if let name = declaration.sampleNames.first(where: taken.contains) {
                fatalError("\(declaration.name): \(name) is a sample of another instrument")
            }
            let family = Family(
                declaration, maximumSeries: maximumSeries, make: make, write: write, writeOriginal: writeOriginal)
            families[declaration.name] = family
            return family
        }
    }
}
