import API
import Core
import Foundation
import HTTPServer
import Telemetry
import TestSupport
import Testing

@Suite struct `A table of operations` {
    private struct Secretive: Error {}

    private static let operations = [
        Operation(
            .get, "/things/{id}", id: "getThing", "A thing.", for: nil,
            parameters: [
                Parameter("id", in: .path, .uuid, "Its id."),
                Parameter("limit", .integer(1...10), "How many."),
                Parameter("since", .timestamp, "From when."),
                Parameter("kind", .choice(["a", "b"]), "Which."),
                Parameter("name", .name(maximum: 4), "Named."),
                Parameter("models", .choices(["a", "b"]), "Which ones."),
            ], answers: [Operation.Answer(200, "It.", .document)], problems: [.notFound]
        ) { call in
            if call.text("kind") == "b" { throw Secretive() }
            return .text("\(call.part("id")) \(call.integer("limit") ?? -1)")
        },
        Operation(
            .get, "/things", id: "listThings", "Things.", for: .read,
            answers: [Operation.Answer(200, "They.", .document)]
        ) { _ in .text("all") },
        Operation(
            .post, "/things", id: "makeThing", "Make one.", for: .operate,
            body: .object(
                [
                    Shape.Field("name", .name(maximum: 8)), Shape.Field("count", .integer(0...5), required: false),
                    Shape.Field("tags", .list(.text(maximum: 3), maximum: 2), required: false),
                ], isClosed: true), answers: [Operation.Answer(200, "Made.", .document)]
        ) { call in .text(call.caller.name) },
    ]

    private func table(_ tokens: TokenFile? = nil, _ registry: Registry = Registry()) -> RouteTable {
        RouteTable(Self.operations, Gatekeeper(tokens, HeldClock()), APIMetrics(in: registry)) { _, _ in }
    }

    private func get(
        _ path: [String], _ query: [(String, String)] = [], method: String = "GET", in table: RouteTable? = nil
    ) async -> (status: Int, body: String) {
        let request = HTTPServerRequest(
            method: method, target: "/" + path.joined(separator: "/"), path: path,
            query: query.map { (name: $0.0, value: $0.1) })
        return text(await (table ?? self.table()).answer(request))
    }

    private func text(_ response: HTTPServerResponse) -> (status: Int, body: String) {
        guard case .bytes(let bytes) = response.body else { return (response.status, "") }
        return (response.status, String(decoding: bytes, as: UTF8.self))
    }

    private static let id = "0a000000-0000-8000-8000-000000000001"

    @Test func `runs what a request is for with what it declared`() async {
        #expect(await get(["things", Self.id], [("limit", "7")]) == (200, "\(Self.id) 7"))
        #expect(await get(["things", Self.id], method: "HEAD").status == 200)
        for models in ["a", "b", "a,b", "b,a"] {
            #expect(await get(["things", Self.id], [("models", models)]).status == 200)
        }
        #expect(await get(["other"]).status == 404)
        #expect(await get(["things", Self.id], method: "DELETE").status == 405)
    }

    @Test(arguments: [
        ("limit", "0"), ("limit", "11"), ("limit", "x"), ("limit", "+5"), ("limit", "05"), ("limit", ""),
        ("limit", "99999999999999999999"), ("since", "yesterday"), ("since", "2026-13-01T00:00:00Z"), ("kind", "c"),
        ("name", "fünf"), ("name", "abcde"), ("name", "a b"), ("limits", "5"), ("models", "a,a"),
        ("models", "a,"), ("models", ",b"), ("models", "a,c"), ("models", ""),
    ])
    func `refuses a parameter that is none`(name: String, value: String) async {
        let answer = await get(["things", Self.id], [(name, value)])
        #expect(answer.status == 400 && answer.body.contains("\"name\":\"\(name)\""), "\(answer)")
    }

    @Test func `names every fault at once, and what was probably meant`() async {
        let answer = await get(["things", "nobody"], [("limit", "0"), ("limit", "1"), ("kin", "a")])
        #expect(answer.status == 400)
        for word in ["\"id\"", "\"limit\"", "did you mean kind?"] { #expect(answer.body.contains(word), "\(answer)") }
        let twice = await get(["things", Self.id], [("limit", "1"), ("limit", "1")])
        #expect(twice.status == 400 && twice.body.contains("given twice"))
    }

    @Test func `tells nothing of the inside`() async {
        let answer = await get(["things", Self.id], [("kind", "b")])
        #expect(answer.status == 500 && !answer.body.contains("Secretive"), "\(answer)")
    }

    @Test(arguments: [
        ("127.0.0.1:8181", 200), ("127.0.0.1", 200), ("LocalHost:1", 200), ("[::1]:8181", 200), (nil, 200),
        ("evil.example:8181", 403), ("127.0.0.1.evil.example", 403), ("localhost.evil.example", 403),
    ])
    func `without tokens is read by who asks this machine for it, and by no foreign site`(
        host: String?, status: Int
    ) async {
        let request = HTTPServerRequest(
            method: "GET", target: "/things", path: ["things"], headers: host.map { [("Host", $0)] } ?? [])
        #expect(await text(table().answer(request)).status == status)
    }

    @Test func `lets nobody change anything without a token for it`() async throws {
        let folder = TemporaryFolder()
        let path = "\(folder.path)/tokens"
        try """
        reader read 0123456789abcdef
        anna operate fedcba9876543210
        old operate 1111111111111111 2026-01-01T00:00:00Z
        """.write(toFile: path, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        let table = table(TokenFile(path: path))
        func post(_ token: String?) async -> Int {
            let request = HTTPServerRequest(
                method: "POST", target: "/things", path: ["things"],
                headers: [("Content-Type", "application/json")]
                    + (token.map { [("Authorization", "Bearer \($0)")] } ?? []),
                body: Array(#"{"name":"x"}"#.utf8))
            return await table.answer(request).status
        }
        #expect(await post(nil) == 401)
        #expect(await post("nonsense-nonsense") == 401)
        #expect(await post("1111111111111111") == 401)
        #expect(await post("0123456789abcdef") == 403)
        #expect(await post("fedcba9876543210") == 200)
        #expect(await self.post(#"{"name":"x"}"#) == 403, "no tokens at all")
    }

    private func post(_ body: String, type: String = "application/json", in table: RouteTable? = nil) async -> Int {
        let request = HTTPServerRequest(
            method: "POST", target: "/things", path: ["things"], headers: [("Content-Type", type)],
            body: Array(body.utf8))
        return await (table ?? self.table()).answer(request).status
    }

    @Test(arguments: [
        (#"{"name":"x"}"#, "application/json; charset=utf-8", 200), (#"{"name":"x","count":5,"tags":["a"]}"#, "", 415),
        (#"{"name":"x","count":6}"#, "application/json", 422), (#"{"count":1}"#, "application/json", 422),
        (#"{"name":"x","name":"x"}"#, "application/json", 422), (#"{"name":"x","more":1}"#, "application/json", 422),
        (#"{"name":"x","tags":["a","b","c"]}"#, "application/json", 422), (#"[]"#, "application/json", 422),
        (#"{"name":"#, "application/json", 400), ("", "application/json", 400), ("{}", "text/plain", 415),
        (#"{"name":"x","tags":["four"]}"#, "application/json", 422), (#"{"name":7}"#, "application/json", 422),
    ])
    func `checks a body by the shape it declared`(body: String, type: String, status: Int) async throws {
        let folder = TemporaryFolder()
        let path = "\(folder.path)/tokens"
        try "anna operate fedcba9876543210\n".write(toFile: path, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        let request = HTTPServerRequest(
            method: "POST", target: "/things", path: ["things"],
            headers: [("Content-Type", type), ("Authorization", "bearer fedcba9876543210")], body: Array(body.utf8))
        #expect(await table(TokenFile(path: path)).answer(request).status == status)
    }

    @Test func `counts by route, and strangers' paths as one`() async {
        let registry = Registry()
        let table = table(nil, registry)
        for number in 0..<500 { _ = await get(["stranger\(number)"], in: table) }
        _ = await get(["things", Self.id], in: table)
        let text = registry.render()
        #expect(text.contains(#"torghut_http_requests_total{method="GET",route="/things/{id}",status="200"} 1"#))
        #expect(text.contains(#"torghut_http_requests_total{method="other",route="other",status="404"} 500"#))
        #expect(!text.contains("stranger"))
    }

    @Test func `is the document, with every check and every problem in it`() throws {
        let bytes = OpenAPIDocument.bytes(Self.operations, title: "Things", version: "1")
        let judged = try Judge.python(
            """
            import json, sys
            d = json.load(sys.stdin)
            assert d["openapi"] == "3.1.0"
            get = d["paths"]["/things/{id}"]["get"]
            limit = next(p for p in get["parameters"] if p["name"] == "limit")
            models = next(p for p in get["parameters"] if p["name"] == "models")
            assert sorted(models["schema"]["enum"]) == ["a", "a,b", "b", "b,a"], models
            assert limit["schema"] == {"type": "integer", "minimum": 1, "maximum": 10}, limit
            assert set(get["responses"]) == {"200", "400", "404", "500", "503"}, get["responses"].keys()
            post = d["paths"]["/things"]["post"]
            assert set(post["responses"]) == {"200", "400", "401", "403", "413", "415", "422", "500", "503"}
            body = post["requestBody"]["content"]["application/json"]["schema"]
            assert body["additionalProperties"] is False and body["required"] == ["name"], body
            print("holds")
            """, input: Data(bytes))
        #expect(judged.output == "holds\n", "\(judged.errors)")
    }
}
