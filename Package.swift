// swift-tools-version: 6.2
import PackageDescription

/// The settings of every Swift target: the compiler is the first reviewer.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableExperimentalFeature("Lifetimes"),
]

/// For pure code that is run a hundred million times over by simulations: optimised even where it is tested.
let quick = strict + [.unsafeFlags(["-O"], .when(configuration: .debug))]

func room(_ name: String, on dependencies: Target.Dependency...) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// For rooms whose generic code is compiled for the types of other rooms too.
let shared = strict + [.unsafeFlags(["-cross-module-optimization"], .when(configuration: .release))]

func sharedRoom(_ name: String, on dependencies: Target.Dependency...) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: shared)
}

func program(_ name: String, on dependencies: Target.Dependency...) -> Target {
    .executableTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(
    _ name: String, on dependencies: Target.Dependency..., leavingOut files: [String] = [],
    settings: [SwiftSetting] = strict
) -> Target {
    .testTarget(
        name: name + "Tests", dependencies: dependencies + ["TestSupport"], exclude: files, swiftSettings: settings)
}

let package = Package(
    name: "torghut",
    targets: [
        // Floor 0: C libraries from Debian (deploy/packages.txt).
        .systemLibrary(name: "CRdKafka", pkgConfig: "rdkafka"),
        .systemLibrary(name: "CLZ4", pkgConfig: "liblz4"),
        .systemLibrary(name: "CXXHash", pkgConfig: "libxxhash"),
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1"),
        .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto"),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl"),
        .systemLibrary(name: "CLibpq", pkgConfig: "libpq"),
        .systemLibrary(name: "CMicroHTTP", pkgConfig: "libmicrohttpd"),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib"),
        .systemLibrary(name: "CWebSockets", pkgConfig: "libwebsockets"),
        .target(name: "CSimdJSON", linkerSettings: [.linkedLibrary("simdjson")]),

        // A call of the C library's own that Swift does not see.
        .systemLibrary(name: "CFileCalls"),

        // The commit that a release is made of; deploy/package names it, and nothing else is compiled anew for it.
        .target(
            name: "CRelease",
            cSettings: (Context.environment["TORGHUT_COMMIT"]).map {
                [.define("TORGHUT_COMMIT", to: "\"\($0)\"")]
            } ?? []),

        // What a benchmark allocates; only they are linked with it.
        .target(name: "CAllocations"),

        // Floor 1: values and ports; threads; what the program says of itself.
        room("Core"),
        room("Threading", on: "Core"),
        room("Telemetry", on: "Core"),

        // Floor 2: pure words, and one window per outside thing.
        .target(name: "Domain", dependencies: ["Core"], swiftSettings: quick),
        room("Digest", on: "Core", "CXXHash", "CCrypto"),
        room("JSON", on: "CSimdJSON"),
        room("YAML", on: "CYAML"),
        room("HTTPClient", on: "Threading", "CCurl"),
        room("HTTPServer", on: "CMicroHTTP", "CZlib"),
        room("WebSocket", on: "Threading", "CWebSockets"),
        room("Journal", on: "Core", "Threading", "CFileCalls", "CLZ4", "CXXHash"),
        room("Kafka", on: "Core", "Threading", "CRdKafka"),
        room("Postgres", on: "Core", "Threading", "CLibpq"),

        // Floor 3: domain words as bytes.
        room("Wire", on: "Core", "Domain", "Digest", "JSON"),
        room("Schemas", on: "Core", "Domain", "JSON", "HTTPClient"),

        room("Adapters", on: "Core", "Domain", "JSON", "HTTPClient"),

        // Spans to a collector.
        room("OTLP", on: "Core", "Threading", "Telemetry", "HTTPClient"),

        // What would have become of orders: a replay of market data, pure and run a million times over.
        .target(name: "Engine", dependencies: ["Core", "Domain"], swiftSettings: quick),

        // Floor 4: what every fold over the log does alike.
        sharedRoom("Folding", on: "Core", "Domain", "Digest", "Wire", "CLZ4"),

        // Market data onto the engine's tape, and what it says back as files.
        room("Backtesting", on: "Core", "Domain", "Digest", "JSON", "Engine"),

        // Floor 5: the neighbours, who meet through ports in Core.
        room(
            "Bus", on: "Core", "Threading", "Telemetry", "Domain", "Digest", "JSON", "YAML", "Journal", "Kafka", "CLZ4"),

        sharedRoom("Projections", on: "Core", "Threading", "Telemetry", "Domain", "Digest", "JSON", "Wire", "Postgres"),

        sharedRoom(
            "Commands", on: "Core", "Threading", "Telemetry", "Domain", "JSON", "Wire", "Folding", "Adapters"),

        room(
            "Ingest", on: "Core", "Threading", "Domain", "Digest", "JSON", "Wire", "Folding", "Adapters", "WebSocket"),

        room("Lanes", on: "Core", "Threading", "Domain", "Digest", "JSON", "Wire", "Folding", "HTTPClient"),

        // Knows no neighbour: what is read, and what an operation does, comes through Runtime.
        room("API", on: "Core", "Telemetry", "Digest", "JSON", "Postgres", "HTTPServer"),

        // Floor 6 and 7: assembly, and the programs.
        room(
            "Runtime", on: "Core", "Threading", "Telemetry", "Domain", "Digest", "Wire", "Postgres", "Bus", "Journal",
            "Kafka", "Folding", "Projections", "Commands", "Ingest", "Lanes", "Adapters", "HTTPServer", "HTTPClient",
            "JSON", "API", "OTLP"),
        program(
            "torghut", on: "Core", "Threading", "Telemetry", "Domain", "Digest", "JSON", "Wire", "HTTPClient",
            "Postgres", "Journal", "Kafka", "Schemas", "Bus", "Folding", "Projections", "Commands", "Ingest", "Lanes",
            "Runtime", "OTLP", "CRelease"),
        program(
            "lean-runner", on: "Core", "Threading", "Telemetry", "Domain", "Digest", "JSON", "HTTPClient", "HTTPServer",
            "Journal", "Adapters", "Commands", "Engine", "Backtesting", "Bus", "OTLP"),
        // Shares no order code with the product, and nobody depends on it.
        program("torghut-sim", on: "Core", "Threading", "JSON", "HTTPClient", "HTTPServer", "WebSocket"),
        program(
            "Benchmarks", on: "Core", "Threading", "Domain", "Digest", "JSON", "Wire", "Journal", "Kafka", "Bus",
            "Postgres",
            "Folding", "Projections", "Adapters", "Telemetry", "Commands", "Ingest", "Engine", "Backtesting",
            "HTTPServer", "WebSocket", "API",
            "TestSupport",
            "ProjectionsTestSupport",
            "RouterTestSupport", "CRdKafka",
            "CLZ4", "CXXHash", "CAllocations", "CLibpq", "CMicroHTTP"),

        .target(
            name: "TestSupport",
            dependencies: ["Core", "Threading", "Digest", "Domain", "Wire", "Bus", "Postgres", "HTTPClient"],
            path: "Tests/TestSupport",
            exclude: ["registry.py"], swiftSettings: strict),
        .target(
            name: "NaiveReadModels", dependencies: ["Core", "Domain", "Wire", "Postgres"],
            path: "Tests/NaiveReadModels", swiftSettings: strict),
        tests("Core", on: "Core"),
        tests("Threading", on: "Threading", "Core"),
        tests("Telemetry", on: "Telemetry", "Core"),
        tests("OTLP", on: "OTLP", "Telemetry", "Core", "HTTPServer"),
        tests("Domain", on: "Domain", "Core", settings: quick),
        tests("Engine", on: "Engine", "Core", "Domain", leavingOut: ["golden.py"]),
        tests("Backtesting", on: "Backtesting", "Engine", "Core", "Domain", "Bus"),
        tests("Digest", on: "Digest"),
        tests(
            "Wire", on: "Wire", "Core", "Domain", "Digest", "JSON", "Schemas",
            leavingOut: ["Samples", "check_identity.py", "judge_schemas.py"]),
        tests("HTTPClient", on: "HTTPClient"),
        tests("HTTPServer", on: "HTTPServer"),
        tests("API", on: "API", "Core", "HTTPServer", "Telemetry"),
        tests("WebSocket", on: "WebSocket"),
        tests("Simulator", on: "torghut-sim"),
        tests("Adapters", on: "Adapters", "Core", "Domain", "HTTPClient", "Threading", "torghut-sim"),
        tests("Schemas", on: "Schemas", "Core", "Domain", "Wire"),
        tests("JSON", on: "JSON"),
        tests("YAML", on: "YAML"),
        .executableTarget(
            name: "journal-crash-child", dependencies: ["Journal", "Core"], path: "Tests/JournalCrashChild",
            swiftSettings: strict),
        tests("Journal", on: "Journal", "Core", "Threading", "journal-crash-child", leavingOut: ["read_journal.py"]),
        tests("Kafka", on: "Kafka", "Core"),
        tests("Postgres", on: "Postgres", "Core", "Threading", "Digest"),
        tests("Bus", on: "Bus", "Core", "Domain", "Digest", "Kafka", "Journal"),
        .target(
            name: "ProjectionsTestSupport", dependencies: ["Projections", "Core", "Domain", "Wire"],
            path: "Tests/ProjectionsTestSupport", swiftSettings: shared),
        .executableTarget(
            name: "projector-child",
            dependencies: [
                "TestSupport", "ProjectionsTestSupport", "Projections", "Core", "Domain", "Postgres", "Bus", "Kafka",
            ],
            path: "Tests/ProjectorChild", swiftSettings: strict),
        tests(
            "Projections", on: "Projections", "ProjectionsTestSupport", "NaiveReadModels", "Core", "Domain", "Wire",
            "Postgres", "Bus", "Journal", "Kafka", "Threading", "projector-child"),
        .target(
            name: "RouterTestSupport",
            dependencies: ["Folding", "Commands", "Core", "Threading", "Telemetry", "Domain", "Wire", "Adapters"],
            path: "Tests/RouterTestSupport", swiftSettings: strict),
        .executableTarget(
            name: "router-child",
            dependencies: [
                "TestSupport", "RouterTestSupport", "Folding", "Commands", "Core", "Threading", "Telemetry", "Domain",
                "Wire",
                "Bus",
            ],
            path: "Tests/RouterChild", swiftSettings: strict),
        tests(
            "Commands", on: "Folding", "Commands", "RouterTestSupport", "Core", "Threading", "Telemetry", "Domain",
            "Digest",
            "Wire", "Adapters", "Bus", "Journal", "Kafka", "router-child", "torghut-sim"),
        tests(
            "Ingest", on: "Ingest", "Folding", "Core", "Threading", "Domain", "Wire", "Bus", "Journal", "Adapters",
            "HTTPClient", "HTTPServer", "WebSocket", "torghut-sim"),
        tests(
            "Lanes", on: "Lanes", "Folding", "Core", "Threading", "Domain", "Wire", "Bus", "Journal", "HTTPClient",
            "HTTPServer"),
        tests(
            "Runtime", on: "Runtime", "Commands", "Core", "Threading", "Telemetry", "Domain", "Wire", "Bus", "Ingest"),
        tests(
            "Program", on: "torghut", "torghut-sim", "lean-runner", "Core", "Domain", "Wire", "Postgres", "Bus",
            "HTTPClient", "HTTPServer",
            leavingOut: ["Ingest/produce_dialects.py", "API/bad_input.py"]),
        tests(
            "LeanRunner", on: "lean-runner", "torghut-sim", "Core", "Domain", "HTTPClient", "HTTPServer", "JSON",
            "Threading", "Telemetry", "Journal", "Adapters"),
        // Reads every source there is.
        tests("House", settings: quick),
    ],
    cxxLanguageStandard: .cxx17
)
