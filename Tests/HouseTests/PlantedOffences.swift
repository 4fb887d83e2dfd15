import Testing

/// Each rule is shown an offence, so that a rule that sees nothing does not pass for a clean house.
@Suite struct `Planted offences are found` {
    private func found(_ rule: ([SourceFile]) -> [Offence], _ path: String, _ text: String) -> [String] {
        rule([SourceFile(path, text)]).map { "\($0.line): \($0.what)" }
    }

    @Test(
        arguments: [
            ("Sources/Core/A.swift", "import Foundation", "Core may not import Foundation"),
            ("Sources/Domain/A.swift", "public import Threading", "Domain may not import Threading"),
            ("Sources/Journal/A.swift", "internal import Kafka", "Journal may not import Kafka"),
            ("Sources/Journal/A.swift", "@preconcurrency import Domain", "Journal may not import Domain"),
            ("Sources/Bus/A.swift", "import struct Runtime.Settings", "Bus may not import Runtime"),
            ("Sources/Bus/A.swift", "@testable package import Runtime", "Bus may not import Runtime"),
            ("Sources/Attic/A.swift", "import Core", "Attic is on no floor"),
            ("Tests/NaiveReadModels/A.swift", "import Projections", "NaiveReadModels may not import Projections"),
            ("Tests/NaiveReadModels/A.swift", "import TestSupport", "NaiveReadModels may not import TestSupport"),
        ])
    func `a wrong import between rooms`(path: String, line: String, what: String) {
        let text = "/// A file.\n\(line)\nlet text = \"import Nothing\"\n"
        let place = what.hasSuffix("floor") ? 1 : 2
        #expect(found(Rules.imports, path, text) == ["\(place): \(what)"])
    }

    @Test func `a C library outside its window`() {
        #expect(
            found(Rules.windows, "Sources/Bus/A.swift", "import CYAML") == ["1: CYAML is imported outside its window"])
        #expect(found(Rules.windows, "Tests/CoreTests/A.swift", "import CLZ4").count == 1)
        #expect(found(Rules.windows, "Sources/YAML/A.swift", "import CYAML").isEmpty)
        #expect(found(Rules.windows, "Tests/YAMLTests/A.swift", "import CYAML").isEmpty)
    }

    @Test func `a target without a floor, and one that leans on a higher floor`() {
        let manifest = """
            room("Core"),
            room("Attic", on: "Core"),
            room("Domain", on: "Core", "Bus"),
            .systemLibrary(name: "CNew", pkgConfig: "new"),
            .target(name: "JSON", dependencies: ["Core"], path: "x"),
            tests("Attic", on: "Attic"),
            """
        #expect(
            Rules.manifest(SourceFile("Package.swift", manifest)).map(\.what) == [
                "Attic is on no floor", "Domain may not depend on Bus", "CNew is on no floor",
                "JSON may not depend on Core",
            ])
    }

    @Test func `a table that lets neighbours meet, or a lower floor look up`() {
        var rooms = Floors.rooms
        rooms["Ingest"] = Floors.Room(4, "Core", "Bus")
        rooms["Core"] = Floors.Room(1, "Threading")
        #expect(Rules.table(rooms).map(\.what) == ["Core may not import Threading", "Ingest may not import Bus"])
    }

    @Test(arguments: [
        ("let state = OrderLattice()", ["OrderLattice is a fold of the product"]),
        ("state.evolve(with: event)", ["evolve is a fold of the product"]), ("let word = Side.buy", []),
        ("// OrderLattice", []),
    ])
    func `a fold that the naive read models share`(line: String, offences: [String]) {
        let files = [
            SourceFile("Sources/Domain/Orders/OrderLattice.swift", "public struct OrderLattice {}\n"),
            SourceFile("Sources/Domain/Words/Side.swift", "public enum Side {}\n"),
            SourceFile("Sources/Commands/A.swift", line), SourceFile("Tests/NaiveReadModels/A.swift", line),
        ]
        #expect(Rules.sharedFolds(in: files).map(\.what) == offences)
        #expect(Rules.sharedFolds(in: files).allSatisfy { $0.path == "Tests/NaiveReadModels/A.swift" })
    }

    @Test(arguments: [
        ("DROP TABLE a;", ["1: DROP takes away what others use"]),
        ("alter table a rename to b", ["1: rename takes away what others use"]),
        ("ALTER TABLE a ALTER COLUMN b TYPE int", ["1: ALTER  takes away what others use"]),
        ("ALTER TABLE a ALTER b TYPE int", ["1: ALTER  takes away what others use"]),
        ("ALTER TABLE a ADD CHECK (b > 0)", ["1: ADD CHECK takes away what others use"]),
        ("ALTER TABLE a ADD COLUMN b int NOT NULL", ["1: others write no value there"]),
        ("ALTER TABLE a ADD COLUMN b int NOT NULL DEFAULT 0", []),
        ("ALTER TABLE a ADD COLUMN updated int; -- never drop it", []),
    ])
    func `a migration that takes away`(line: String, offences: [String]) {
        #expect(found(Rules.takingAway, "schemas/sql/0009-a.sql", line) == offences)
    }

    @Test func `a command that writes under another name`() {
        let line = "let desk = Desk(writerName: \"torghut.up\")"
        #expect(found(Rules.operatorsNames, "Sources/torghut/A.swift", line) == ["1: torghut.up is no operator's name"])
        #expect(found(Rules.operatorsNames, "Sources/Commands/A.swift", line).isEmpty)
        let good = "static let writerName = \"torghut.operator.up\""
        #expect(found(Rules.operatorsNames, "Sources/torghut/A.swift", good).isEmpty)
    }

    @Test func `a file of 501 lines`() {
        let line = "let x = 1\n"
        #expect(found(Rules.fileLengths, "Sources/Core/A.swift", String(repeating: line, count: 500)).isEmpty)
        #expect(
            found(Rules.fileLengths, "Sources/Core/A.swift", String(repeating: line, count: 501))
                == ["1: 501 lines are over 500"])
        #expect(found(Rules.fileLengths, "Sources/CSimdJSON/a.cpp", String(repeating: line, count: 600)).count == 1)
    }

    @Test(arguments: [
        "func long(_ body: () -> Void = {}) async throws", "init?(text: String)", "deinit",
        "subscript(index: Int) -> Int",
        "@Test func `a rule: in words`()", "func generic<T>(_ x: T) -> [String: T] where T: Sendable",
    ])
    func `a function of 71 lines`(signature: String) {
        func file(_ length: Int) -> String {
            let body = String(repeating: "        call { \"}}}\" }  // }}}\n", count: length - 2)
            return "struct A {\n    func short() {}\n    \(signature) {\n\(body)    }\n    let tail = 1\n}\n"
        }
        #expect(found(Rules.functionLengths, "Sources/Core/A.swift", file(70)).isEmpty)
        let offences = found(Rules.functionLengths, "Sources/Core/A.swift", file(71))
        #expect(offences.count == 1)
        #expect(offences.first?.hasPrefix("3: ") == true)
        #expect(offences.first?.hasSuffix("has 71 lines, over 70") == true)
    }

    @Test func `a requirement without a body is no function`() {
        let text =
            "protocol P {\n    func a() throws\n    init()\n    func b() -> Int\n}\n"
            + String(repeating: "\n", count: 90) + "func c() {\n}\n"
        #expect(SwiftText.functions(in: SwiftText.code(of: text)) == [.init(name: "c", line: 96, length: 2)])
    }

    @Test(
        arguments: [
            ("let now = ContinuousClock().now", "a clock"), ("let x = Date()", "a clock"),
            ("let x = Int.random(in: 0..<3)", "randomness"), ("let id = UUID()", "randomness"),
            ("let x = names.shuffled()", "randomness"), ("await work()", "waiting"), ("Task { }", "waiting"),
            ("var price: Double = 0", "a number that is not exact"),
            ("for key in rows.keys {", "a dictionary's order"), ("let x = rows.values.map(f)", "a dictionary's order"),
            ("import Foundation", "the machine"), ("internal import Glibc", "the machine"),
            ("let x = value.hashValue", "a hash that differs in each process"),
            ("let x = Double.pi", "a number that is not exact"), ("let now = ContinuousClock.now", "a clock"),
            ("let now = Swift.ContinuousClock()", "a clock"), ("Swift.Task.detached { }", "waiting"),
        ])
    func `a clock, chance or another impurity in Core`(line: String, what: String) {
        for room in ["Core", "Domain"] {
            let offences = found(Rules.impurities, "Sources/\(room)/A.swift", "// A file.\n\(line)\n")
            #expect(Set(offences) == ["2: \(what)"], "\(line)")
        }
        #expect(found(Rules.impurities, "Sources/Journal/A.swift", line).isEmpty)
    }

    @Test(arguments: [
        "let x = Int.random(in: 0..<3, using: &generator)", "// ContinuousClock().now", "let text = \"await Date()\"",
        "for key in rows.keys.sorted() {",
    ])
    func `what only looks like an impurity is let through`(line: String) {
        #expect(found(Rules.impurities, "Sources/Core/A.swift", line).isEmpty)
    }

    @Test(
        arguments: [
            ("// TO" + "DO: later", "work left undone"), ("/// FIX" + "ME", "work left undone"),
            ("let x = try" + "! f()", "a failure that crashes"),
            ("do { try f() } catch" + " {}", "a failure that nobody hears of"),
            ("do { try f() } catch" + " is E {\n\n}", "a failure that nobody hears of"),
            ("@Test(.dis" + "abled(\"slow\")) func f()", "a test that does not run"),
            ("with" + "KnownIssue { f() }", "a test that may fail"),
        ])
    func `work undone, a swallowed failure, a skipped test`(line: String, what: String) {
        #expect(found(Rules.sins, "Tests/CoreTests/A.swift", "import Core\n\(line)\n") == ["2: \(what)"])
    }

    @Test func `a room that prints`() {
        let text = "func f() {\n    print(1)\n    writer.print(2)\n    fingerprint(3)\n}\n"
        #expect(found(Rules.prints, "Sources/Bus/A.swift", text) == ["2: printing"])
        #expect(found(Rules.prints, "Sources/torghut/A.swift", text).isEmpty)
    }

    @Test(arguments: ["JSONDecoder()", "try JSONSerialization.data(withJSONObject: x)", "JSONEncoder.init()"])
    func `JSON read by Foundation`(call: String) {
        for room in ["Wire", "torghut"] {
            let offences = found(Rules.foundationJSON, "Sources/\(room)/A.swift", "// JSONDecoder\nlet x = \(call)\n")
            #expect(offences == ["2: Foundation's JSON"])
        }
        #expect(found(Rules.foundationJSON, "Sources/Benchmarks/A.swift", call).isEmpty)
        #expect(found(Rules.foundationJSON, "Tests/WireTests/A.swift", call).isEmpty)
    }

    @Test func `a file named for nothing`() {
        #expect(found(Rules.names, "Sources/Bus/TopicUtils.swift", "").count == 1)
        #expect(found(Rules.names, "Sources/Bus/Manager.swift", "").count == 1)
        #expect(found(Rules.names, "Sources/Bus/TopicPlan.swift", "").isEmpty)
    }

    @Test func `a page with two titles, or none`() {
        #expect(found(Rules.titles, "docs/a.md", "# A\n\n## B\n```\n# no title\n```\n").isEmpty)
        #expect(found(Rules.titles, "docs/a.md", "# A\n\n# B\n").count == 1)
        #expect(found(Rules.titles, "docs/a.md", "text\n").count == 1)
        #expect(found(Rules.titles, "docs/a.md", "text\n# A\n").count == 1)
    }

    @Test func `a setting that no page names`() {
        let source = SourceFile(
            "Sources/Bus/A.swift", "let one = \"TRADING_ONE\"\nlet two = (\"TRADING_ONE_MORE\", \"TRADING_\")\n")
        let page = SourceFile("docs/a.md", "# A\n`TRADING_ONE` and TRADING_ONE_MORE_STILL\n")
        #expect(
            Rules.settings(in: [source], pages: [page]).map(\.description)
                == ["Sources/Bus/A.swift:2: no page names TRADING_ONE_MORE"])
    }

    @Test func `a link that leads nowhere`() {
        let pages = [
            SourceFile(
                "docs/a.md", "# A\n[b](decisions/b.md) [b](decisions/b.md#the-b) [x](http://x.y/z) [self](#a)\n"),
            SourceFile("docs/decisions/b.md", "# The B\n[a](../a.md) [top](../../README.md) [gone](../gone.md)\n"),
            SourceFile("docs/c.md", "# C\n[b](decisions/b.md#nothing)\n[self](#d)\n"),
        ]
        let there: Set<String> = ["docs/a.md", "docs/c.md", "docs/decisions/b.md", "README.md"]
        #expect(
            Rules.links(in: pages, exists: there.contains).map(\.description) == [
                "docs/decisions/b.md:2: ../gone.md leads nowhere", "docs/c.md:2: decisions/b.md#nothing leads nowhere",
                "docs/c.md:3: #d leads nowhere",
            ])
    }

    @Test(arguments: [
        "<script>go()</script>", "<script src=\"https://a.b/c.js\"></script>", "<p style=\"color: red\">",
        "<button onclick=\"go()\">", "<style>a {}</style>", "<link href=\"//a.b/c.css\">", "<img src=\"http://a.b/c\">",
        "<a href=\"javascript:go()\">", "<h4>Too deep</h4>",
    ])
    func `a page that is more than markup`(line: String) {
        let page = """
            <html lang="en"><meta charset="utf-8"><meta name="viewport" content=""><title>A</title>
            <script src="/console/a.js"></script><main><h1>A</h1><h2>B</h2><a href="/orders">C</a></main>
            """
        #expect(found(Rules.markup, "deploy/console/a.html", page).isEmpty)
        #expect(!found(Rules.markup, "deploy/console/a.html", page + "\n" + line).isEmpty)
        #expect(found(Rules.markup, "deploy/console/a.html", "<main></main>").count == 4)
    }

    @Test(arguments: [
        "fetch(\"https://a.b/c\")", "import x from \"./a.js\";", "import \"//a.b/c.js\";", "p.innerHTML = text;",
        "eval(text)", "p.setAttribute(\"style\", x)", "@import \"a.css\";", "a { background: url(/x.png); }",
    ])
    func `page code that goes elsewhere, or reads text as markup`(line: String) {
        let code = "// A comment.\nimport { get } from \"/console/api.js\";\np.style.color = x;\n"
        #expect(found(Rules.pageCode, "deploy/console/a.js", code).isEmpty)
        #expect(found(Rules.pageCode, "deploy/console/a.js", code + line).first?.hasPrefix("4: ") == true)
    }
}
