import Foundation
import TestSupport
import Testing

/// Pages from a process as it is delivered, over its socket.
@Suite struct `The console` {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../deploy/console").standardizedFileURL
    private static let pages = [
        "/": "overview", "/orders": "orders", "/order?id=0&x=1": "order", "/gate": "gate", "/safety": "safety",
        "/control-plane": "control-plane", "/backtests": "backtests",
    ]

    private func started(_ program: Program) async throws -> RunningAPI {
        try await program.prepared()
        return try await RunningAPI(
            program, roles: "api", address: "host=\(program.ground.folder) user=nobody dbname=none")
    }

    @Test func `is served to whoever asks, each file as it lies in the folder, and nothing beside it`() async throws {
        let program = try Program(Ground())
        let api = try await started(program)
        for (path, name) in Self.pages {
            let page = try await api.curl(path, as: nil)
            let text = try String(contentsOf: Self.folder.appending(path: "\(name).html"), encoding: .utf8)
            #expect(page.status == 200 && page.body == text, "\(path): \(page.status)")
            #expect(page.header("Content-Security-Policy")?.hasPrefix("default-src 'none'; ") == true)
            // What a page loads is there.
            for match in text.matches(of: #/(?:src|href)="(\/console\/[^"]+)"/#) {
                #expect(try await api.curl(String(match.output.1), as: nil).status == 200, "\(match.output.1)")
            }
        }
        let charts = try await api.curl("/console/chart.min.js", as: nil)
        #expect(charts.header("Content-Type") == "text/javascript; charset=utf-8" && charts.body.contains("Chart.js v"))
        let small = try await api.curl(
            "/console/chart.min.js", as: nil, "-H", "Accept-Encoding: gzip", "--output", "/dev/null")
        #expect(small.status == 200)
        let tag = try #require(charts.header("ETag"))
        #expect(try await api.curl("/console/chart.min.js", as: nil, "-H", "If-None-Match: \(tag)").status == 304)
        #expect(try await api.curl("/", as: nil, "--head").body.isEmpty)
        for path in [
            "/console/../packages.txt", "/console/..%2f..%2fpackages.txt", "/console/%2e%2e/packages.txt",
            "/console/..%5cpackages.txt", "/console//etc/passwd", "/console/overview.html", "/console/", "/console/.",
            "/console/page.js%00", "/%2e%2e/%2e%2e/etc/passwd",
        ] {
            let answer = try await api.curl(path, as: nil, "--path-as-is")
            #expect([400, 404].contains(answer.status), "\(path): \(answer)")
        }
        #expect(try await api.curl("/orders", as: nil, "-d", "x").status == 405)
        #expect(try await api.roles.stop() == 0)
    }

    @Test func `says what to install where the library of charts is missing, and everything else goes on`() async throws
    {
        var program = try Program(Ground())
        program.environment["TORGHUT_CONSOLE_CHARTS"] = "/nowhere/chart.min.js"
        let api = try await started(program)
        let page = try await api.curl("/", as: nil)
        #expect(page.status == 503 && page.body.contains("libjs-chart.js"), "\(page)")
        #expect(!page.body.contains("/nowhere"), "\(page)")
        try await eventually("readiness") { try await api.curl("/readyz", as: nil).status == 200 }
        #expect(try api.roles.text().contains(#""console_unavailable""#))
        #expect(try await api.roles.stop() == 0)
    }
}
