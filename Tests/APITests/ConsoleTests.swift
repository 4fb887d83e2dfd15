import API
import HTTPServer
import Telemetry
import Testing

@Suite struct `The console's pages` {
    private static let page = Array("<!doctype html>".utf8)

    private func console(fault: String? = nil, _ registry: Registry = Registry()) -> Console {
        let files = [
            "overview.html": ConsoleFile(.page, Self.page), "order.html": ConsoleFile(.page, Array("order".utf8)),
            "page.js": ConsoleFile(.script, Array("export {};".utf8)),
            "console.css": ConsoleFile(.style, Array("a {}".utf8)), "icon.svg": ConsoleFile(.picture, [60]),
        ]
        return Console(files, fault: fault, APIMetrics(in: registry))
    }

    private func ask(
        _ path: [String], method: String = "GET", _ headers: [(name: String, value: String)] = [],
        of console: Console? = nil
    ) -> HTTPServerResponse? {
        (console ?? self.console()).answer(
            HTTPServerRequest(
                method: method, target: "/" + path.joined(separator: "/"), path: path, query: [("id", "7")],
                headers: headers))
    }

    private func header(_ name: String, _ response: HTTPServerResponse?) -> String? {
        response?.headers.first { $0.name == name }?.value
    }

    @Test(arguments: [
        ([], "text/html; charset=utf-8"), (["order"], "text/html; charset=utf-8"),
        (["console", "page.js"], "text/javascript; charset=utf-8"),
        (["console", "console.css"], "text/css; charset=utf-8"), (["console", "icon.svg"], "image/svg+xml"),
    ])
    func `come with their type, and are kept from everything else`(path: [String], type: String) {
        for method in ["GET", "HEAD"] {
            let answer = ask(path, method: method)
            #expect(answer?.status == 200)
            #expect(header("Content-Type", answer) == type)
            #expect(header("X-Content-Type-Options", answer) == "nosniff")
            #expect(header("Referrer-Policy", answer) == "no-referrer")
            #expect(header("Cache-Control", answer) == "no-cache")
            #expect(
                header("Content-Security-Policy", answer)
                    == "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
                    + "connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
            )
        }
    }

    @Test func `are not sent to whoever has them`() throws {
        let first = ask([])
        let tag = try #require(header("ETag", first))
        let again = ask([], [("If-None-Match", "\"other\", \(tag)")])
        #expect(again?.status == 304 && header("ETag", again) == tag)
        #expect(header("Content-Security-Policy", again) != nil)
        #expect(ask(["order"], [("If-None-Match", tag)])?.status == 200, "another page has another tag")
    }

    @Test(arguments: [
        ["console"], ["console", "other.js"], ["console", "overview.html"], ["console", "..", "page.js"],
        ["console", "../page.js"], ["console", "page.js", "x"], ["console", ""],
    ])
    func `and nothing that is not in the list`(path: [String]) { #expect(ask(path)?.status == 404) }

    @Test func `leave to others what is others'`() {
        for path in [["healthz"], ["trading", "status"], ["orders", "x"], [""], ["", ""], ["Orders"]] {
            #expect(ask(path) == nil, "\(path)")
        }
    }

    @Test func `take nothing but questions`() {
        for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
            let answer = ask(["order"], method: method)
            #expect(answer?.status == 405 && header("Allow", answer) == "GET, HEAD", "\(method)")
        }
    }

    @Test func `say what to install where they cannot be shown`() throws {
        let answer = try #require(ask([], of: console(fault: "install it")))
        #expect(answer.status == 503 && header("Content-Type", answer) == Problem.mediaType)
        guard case .bytes(let body) = answer.body else { return }
        #expect(String(decoding: body, as: UTF8.self).contains("install it"))
        #expect(ask(["orders"])?.status == 503, "a page whose file is not there")
    }

    @Test func `are one route to who counts requests`() {
        let registry = Registry()
        let console = console(registry)
        _ = ask([], of: console)
        _ = ask(["console", "page.js"], of: console)
        _ = ask(["console", "stranger-\(UInt64.random(in: 0 ... .max)).js"], of: console)
        let told = String(decoding: registry.renderBytes(), as: UTF8.self)
        #expect(told.contains(#"torghut_http_requests_total{method="GET",route="console",status="200"} 2"#), "\(told)")
        #expect(!told.contains("stranger"))
    }

    @Test(arguments: [
        "../page.js", "a/b.js", ".js", ".hidden.js", "page..js", "Page.js", "page.php", "page", "", "page.js.",
        "p ge.js",
    ])
    func `are no file of another name`(name: String) { #expect(ConsoleFile.Kind(of: name) == nil) }

    @Test func `are files of plain names`() {
        #expect(ConsoleFile.Kind(of: "chart.min.js") == .script)
        #expect(ConsoleFile.Kind(of: "control-plane.html") == .page)
    }
}
