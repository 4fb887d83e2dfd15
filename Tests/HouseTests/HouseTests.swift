import Testing

@Suite struct `The house` {
    private static let read = Result {
        (
            sources: try Repository.files(in: "Sources", "Tests", endings: ".swift"),
            everything: try Repository.files(
                in: "Sources", "Tests", "deploy", endings: ".swift", ".h", ".cpp", ".c", ".py", ".sh"),
            pages: try Repository.files(in: "README.md", "CHANGELOG.md", "docs", endings: ".md"),
            console: try Repository.files(in: "deploy/console", endings: ".html", ".js", ".css", ".svg")
        )
    }

    private let sources: [SourceFile]
    private let everything: [SourceFile]
    private let pages: [SourceFile]
    private let console: [SourceFile]

    init() throws { (sources, everything, pages, console) = try Self.read.get() }

    @Test func `is there to be read`() {
        #expect(sources.count > 30)
        #expect(pages.count > 3)
        #expect(console.count > 10)
    }

    @Test func `each room imports only what its floor allows`() { #expect(Rules.imports(in: sources) == []) }

    @Test func `the table of floors agrees with the floors`() { #expect(Rules.table() == []) }

    @Test func `the manifest makes only rooms that have a floor, and joins only what may be joined`() throws {
        let manifest = try #require(try Repository.files(in: "Package.swift", endings: ".swift").first)
        #expect(Rules.targets(of: manifest).count >= 15)
        #expect(Rules.manifest(manifest) == [])
    }

    @Test func `each C library is seen through its window only`() { #expect(Rules.windows(in: sources) == []) }

    @Test func `the naive read models share no fold with the product`() {
        #expect(sources.contains { $0.target == Floors.naive })
        #expect(Rules.sharedFolds(in: sources) == [])
    }

    @Test func `the console's pages are markup and nothing else, and in order`() {
        #expect(Rules.markup(in: console) == [])
    }

    @Test func `the console's code comes from here, goes nowhere else, and reads no text as markup`() {
        #expect(Rules.pageCode(in: console) == [])
    }

    @Test func `no file is over 500 lines`() {
        let scripts = console.filter { !$0.path.hasSuffix(".css") }
        #expect(Rules.fileLengths(in: everything + scripts) == [])
    }

    @Test func `no function is over 70 lines`() {
        #expect(Rules.functionLengths(in: sources) == [])
        // The reader of functions sees most of what is there.
        #expect(sources.reduce(0) { $0 + SwiftText.functions(in: $1.code).count } > 200)
    }

    @Test func `every file is named for its idea`() { #expect(Rules.names(of: everything) == []) }

    @Test func `Core and Domain know no clock, chance, waiting, machine or inexact number`() {
        #expect(Rules.impurities(in: sources) == [])
    }

    @Test func `nothing is left undone, skipped or swept away`() { #expect(Rules.sins(in: sources) == []) }

    @Test func `only programs print`() { #expect(Rules.prints(in: sources) == []) }

    @Test func `Foundation's JSON stands in tests and benchmarks only`() {
        #expect(Rules.foundationJSON(in: sources) == [])
    }

    @Test func `migrations only add`() throws {
        let migrations = try Repository.files(in: "schemas/sql", endings: ".sql")
        #expect(!migrations.isEmpty)
        #expect(Rules.takingAway(in: migrations) == [])
    }

    @Test func `a command writes under an operator's name`() { #expect(Rules.operatorsNames(in: sources) == []) }

    @Test func `every page has one title`() { #expect(Rules.titles(in: pages) == []) }

    @Test func `every setting is on a page`() { #expect(Rules.settings(in: sources, pages: pages) == []) }

    @Test func `every link leads somewhere`() { #expect(Rules.links(in: pages, exists: Repository.exists) == []) }
}
