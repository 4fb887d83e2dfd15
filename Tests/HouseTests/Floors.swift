/// Who may import whom: DESIGN's floors, one line per target.
///
/// A target that is not here fails the build.
enum Floors {
    struct Room: Sendable {
        let floor: Int
        let may: Set<String>

        init(_ floor: Int, _ may: String...) {
            self.floor = floor
            self.may = Set(may)
        }
    }

    /// Modules of the toolchain are named too: Dispatch and Glibc are for rooms that touch the machine, Foundation for
    /// programs alone.
    static let rooms: [String: Room] = [
        "CRdKafka": Room(0), "CLZ4": Room(0), "CFileCalls": Room(0), "CXXHash": Room(0), "CYAML": Room(0),
        "CCrypto": Room(0), "CCurl": Room(0), "CLibpq": Room(0), "CMicroHTTP": Room(0), "CWebSockets": Room(0),
        "CSimdJSON": Room(0), "CAllocations": Room(0), "CRelease": Room(0), "CZlib": Room(0),

        "Core": Room(1),
        "Threading": Room(1, "Core", "Dispatch", "Glibc", "Synchronization"),
        "Telemetry": Room(1, "Core", "Glibc", "Synchronization"),

        "Domain": Room(2, "Core"),
        "Digest": Room(2, "Core", "CXXHash", "CCrypto"),
        "JSON": Room(2, "CSimdJSON"),
        "YAML": Room(2, "CYAML"),
        "HTTPClient": Room(2, "CCurl", "Threading", "Synchronization"),
        "HTTPServer": Room(2, "CMicroHTTP", "CZlib", "Dispatch", "Glibc", "Synchronization"),
        "WebSocket": Room(2, "CWebSockets", "Threading", "Glibc", "Synchronization"),
        "Journal": Room(
            2, "Core", "Threading", "CFileCalls", "CLZ4", "CXXHash", "Dispatch", "Glibc", "Synchronization"),
        "Kafka": Room(2, "Core", "Threading", "CRdKafka", "Dispatch", "Glibc", "Synchronization"),
        "Postgres": Room(2, "Core", "Threading", "CLibpq", "Glibc", "Synchronization"),

        "Wire": Room(3, "Core", "Domain", "Digest", "JSON"),
        "Adapters": Room(3, "Core", "Domain", "JSON", "HTTPClient"),
        "Schemas": Room(3, "Core", "Domain", "JSON", "HTTPClient"),
        "Engine": Room(3, "Core", "Domain"),
        "OTLP": Room(3, "Core", "Threading", "Telemetry", "HTTPClient", "Synchronization"),

        "Folding": Room(4, "Core", "Domain", "Digest", "Wire", "CLZ4", "Glibc", "Synchronization"),

        "Backtesting": Room(4, "Core", "Domain", "Digest", "JSON", "Engine", "Glibc"),

        "Bus": Room(
            5, "Core", "Threading", "Telemetry", "Domain", "Digest", "JSON", "YAML", "Journal", "Kafka", "CLZ4",
            "Dispatch", "Glibc", "Synchronization", "FoundationEssentials"),

        "Projections": Room(
            5, "Core", "Threading", "Telemetry", "Domain", "Digest", "JSON", "Wire", "Postgres", "Synchronization"),

        "Commands": Room(
            5, "Core", "Threading", "Telemetry", "Domain", "JSON", "Wire", "Folding", "Adapters", "Dispatch", "Glibc",
            "Synchronization"),

        "Ingest": Room(
            5, "Core", "Threading", "Domain", "Digest", "JSON", "Wire", "Folding", "Adapters", "WebSocket",
            "Synchronization"),

        "Lanes": Room(
            5, "Core", "Threading", "Domain", "Digest", "JSON", "Wire", "Folding", "HTTPClient", "Synchronization"),

        "API": Room(
            5, "Core", "Telemetry", "Digest", "JSON", "Postgres", "HTTPServer", "Glibc", "Synchronization"),

        // Stands in Tests; what is compared with Projections may share nothing with it but words.
        "NaiveReadModels": Room(6, "Core", "Domain", "Wire", "Postgres"),

        "Runtime": Room(
            6, "Core", "Threading", "Telemetry", "Domain", "Digest", "JSON", "YAML", "Journal", "Kafka", "Wire", "Bus",
            "Postgres", "Folding", "Projections", "Commands", "Ingest", "Lanes", "Adapters", "HTTPServer", "HTTPClient",
            "API", "OTLP", "Dispatch", "Glibc", "Synchronization",
            "FoundationEssentials"),
        "torghut": Room(
            7, "Core", "Threading", "Telemetry", "Domain", "Digest", "JSON", "YAML", "Journal", "Kafka", "Wire", "Bus",
            "Postgres", "Folding", "Projections", "Commands", "Ingest", "Lanes", "Runtime", "HTTPClient", "Schemas",
            "OTLP", "CRelease",
            "Dispatch", "Glibc", "Synchronization",
            "FoundationEssentials",
            "Foundation"),
        "lean-runner": Room(
            7, "Core", "Threading", "Telemetry", "Domain", "Digest", "JSON", "HTTPClient", "HTTPServer", "Journal",
            "Adapters", "Commands", "Engine", "Backtesting", "Bus", "OTLP", "Dispatch", "Glibc", "Synchronization"),
        "torghut-sim": Room(
            7, "Core", "Threading", "JSON", "HTTPClient", "HTTPServer", "WebSocket", "Dispatch", "Glibc",
            "Synchronization"),
        "Benchmarks": Room(
            7, "Core", "Threading", "Telemetry", "Domain", "Digest", "JSON", "YAML", "Journal", "Kafka", "Wire", "Bus",
            "Runtime", "Postgres", "Folding", "Projections", "Adapters", "Commands", "Ingest", "HTTPServer",
            "WebSocket", "API", "Engine", "Backtesting",
            "TestSupport",
            "RouterTestSupport",
            "ProjectionsTestSupport", "CRdKafka", "CLZ4", "CXXHash", "CAllocations", "CLibpq", "CMicroHTTP", "Dispatch",
            "Glibc",
            "Synchronization",
            "FoundationEssentials", "Foundation"),
    ]

    /// The only rooms that see a C library.
    ///
    /// A benchmark does, because it measures us against the bare library.
    static let windows: [String: Set<String>] = [
        "CRdKafka": ["Kafka", "Benchmarks"],
        "CLZ4": ["Journal", "Bus", "Folding", "Benchmarks"], "CFileCalls": ["Journal"],
        "CXXHash": ["Digest", "Journal", "Benchmarks"],
        "CCrypto": ["Digest"],
        "CYAML": ["YAML"],
        "CCurl": ["HTTPClient"],
        "CLibpq": ["Postgres", "Benchmarks"],
        "CMicroHTTP": ["HTTPServer", "Benchmarks"],
        "CZlib": ["HTTPServer"],
        "CWebSockets": ["WebSocket"],
        "CSimdJSON": ["JSON"],
        "CAllocations": ["Benchmarks"],
        "CRelease": ["torghut"],
    ]

    /// Neighbours on floor 5 meet through ports in Core and never import one another.
    static let neighbours: Set<String> = ["Bus", "Ingest", "Projections", "Commands", "Lanes"]

    /// The second implementation of the read models, and the folders of Domain that it may know: words and identities,
    /// no fold.
    static let naive = "NaiveReadModels"
    static let wordsOfDomain = ["Events", "Fields", "Identity", "Topics", "Words"]

    /// Programs with their own `main`: the only ones that print.
    static let programs: Set<String> = ["torghut", "lean-runner", "torghut-sim", "Benchmarks"]
}
