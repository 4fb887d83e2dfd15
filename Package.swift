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

func room(_ name: String, on dependencies: Target.Dependency...) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func program(_ name: String, on dependencies: Target.Dependency...) -> Target {
    .executableTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, on dependencies: Target.Dependency..., leavingOut files: [String] = []) -> Target {
    .testTarget(
        name: name + "Tests", dependencies: dependencies + ["TestSupport"], exclude: files, swiftSettings: strict)
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
        .systemLibrary(name: "CMicroHTTP", pkgConfig: "libmicrohttpd"),
        .systemLibrary(name: "CWebSockets", pkgConfig: "libwebsockets"),
        .target(name: "CSimdJSON", linkerSettings: [.linkedLibrary("simdjson")]),

        // What a benchmark allocates; only they are linked with it.
        .target(name: "CAllocations"),

        // Floor 1: values and ports; threads; what the program says of itself.
        room("Core"),
        room("Threading", on: "Core"),
        room("Telemetry", on: "Core"),

        // Floor 2: pure words, and one window per outside thing.
        room("Domain", on: "Core"),
        room("Digest", on: "CXXHash", "CCrypto"),
        room("JSON", on: "CSimdJSON"),
        room("YAML", on: "CYAML"),
        room("HTTPClient", on: "Threading", "CCurl"),
        room("HTTPServer", on: "CMicroHTTP"),
        room("WebSocket", on: "Threading", "CWebSockets"),
        room("Journal", on: "Core", "Threading", "CLZ4", "CXXHash"),
        room("Kafka", on: "Core", "Threading", "CRdKafka"),

        // Floor 3: domain words as bytes.
        room("Wire", on: "Core", "Domain", "Digest", "JSON"),
        room("Schemas", on: "Core", "Domain", "JSON", "HTTPClient"),

        room("Adapters", on: "Core", "Domain", "JSON", "HTTPClient"),

        // Floor 4: the neighbours, who meet through ports in Core.
        room(
            "Bus", on: "Core", "Threading", "Telemetry", "Domain", "Digest", "JSON", "YAML", "Journal", "Kafka", "CLZ4"),

        // Floor 5 and 6: assembly, and the programs.
        room("Runtime", on: "Core", "Threading", "Telemetry", "Domain", "Bus", "Journal", "Kafka"),
        program(
            "torghut", on: "Core", "Threading", "Telemetry", "Domain", "JSON", "HTTPClient", "Journal", "Kafka",
            "Schemas",
            "Bus", "Runtime"),
        // Shares no order code with the product, and nobody depends on it.
        program("torghut-sim", on: "Core", "Threading", "JSON", "HTTPClient", "HTTPServer", "WebSocket"),
        program(
            "Benchmarks", on: "Core", "Threading", "Domain", "JSON", "Wire", "Journal", "Kafka", "Bus", "CRdKafka",
            "CLZ4", "CXXHash", "CAllocations"),

        .target(
            name: "TestSupport", dependencies: ["Core", "Threading", "Bus", "HTTPClient"], path: "Tests/TestSupport",
            exclude: ["registry.py"], swiftSettings: strict),
        tests("Core", on: "Core"),
        tests("Threading", on: "Threading", "Core"),
        tests("Telemetry", on: "Telemetry", "Core"),
        tests("Domain", on: "Domain", "Core"),
        tests("Digest", on: "Digest"),
        tests(
            "Wire", on: "Wire", "Core", "Domain", "Digest", "JSON", "Schemas",
            leavingOut: ["Samples", "check_identity.py", "judge_schemas.py"]),
        tests("HTTPClient", on: "HTTPClient"),
        tests("HTTPServer", on: "HTTPServer"),
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
        tests("Bus", on: "Bus", "Core", "Domain", "Kafka", "Journal"),
        tests("Program", on: "torghut"),
        tests("House"),
    ],
    cxxLanguageStandard: .cxx17
)
