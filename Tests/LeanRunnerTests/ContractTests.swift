import HTTPClient
import TestSupport
import Testing

/// A request as somebody got it wrong, and what names the mistake.
struct Mistake: Sendable, CustomTestStringConvertible {
    let what: String
    var path = "/v1/orders/submit"
    var body: [UInt8]
    var type = "application/json"
    var status = 422
    /// Must occur in the detail.
    var names: [String] = []

    init(_ what: String, _ body: String, _ names: String..., path: String = "/v1/orders/submit", status: Int = 422) {
        self.what = what
        self.body = Array(body.utf8)
        self.names = names
        self.path = path
        self.status = status
    }

    var testDescription: String { what }

    static let good = Asking.body("x")

    static let all: [Mistake] = [
        Mistake("nothing", "", "empty"),
        Mistake("a list", "[]", "no object"),
        Mistake("a truncated body", String(good.dropLast(9)), "not JSON"),
        Mistake("a field twice", good.replacing(#""qty":1"#, with: #""qty":1,"qty":2"#), "qty"),
        Mistake("unknown fields", good.replacing("{\"symbol", with: "{\"simbol\":1,\"symbol"), "simbol"),
        Mistake(
            "unknown fields inside",
            good.replacing(#""client_order_id""#, with: #""_lean_shadow":{},"client_order_id""#),
            "extra_params._lean_shadow"),
        Mistake("a quantity of nothing", good.replacing(#""qty":1"#, with: #""qty":0"#), "qty"),
        Mistake("a negative quantity", good.replacing(#""qty":1"#, with: #""qty":-1"#), "qty"),
        Mistake("a quantity as a flag", good.replacing(#""qty":1"#, with: #""qty":true"#), "qty"),
        Mistake("a quantity with ten digits", good.replacing(#""qty":1"#, with: #""qty":0.0000000001"#), "qty"),
        Mistake("a quantity beyond all", good.replacing(#""qty":1"#, with: #""qty":1e40"#), "qty"),
        Mistake("no quantity", good.replacing(#""qty":1,"#, with: ""), "qty is missing"),
        Mistake("a side that there is not", good.replacing("buy", with: "bye"), "side", "buy, sell"),
        Mistake("an order type that there is not", good.replacing("limit\",", with: "lim\","), "order_type"),
        Mistake(
            "a limit order without its limit", good.replacing(#""limit_price":90.5,"#, with: ""),
            "limit_price is missing"),
        Mistake("a symbol of many bytes", good.replacing("AAPL", with: String(repeating: "A", count: 65)), "symbol"),
        Mistake("a symbol with a NUL", good.replacing("AAPL", with: #"AA\u0000PL"#), "symbol"),
        Mistake("extra parameters as text", good.replacing(#"{"client_order_id":"x"}"#, with: "\"x\""), "extra_params"),
        Mistake("a replacement of nothing", "{}", "changes nothing", path: "/v1/orders/abc/replace"),
        Mistake(
            "an unknown field of a replacement", #"{"qty":"1","symbol":"AAPL"}"#, "symbol",
            path: "/v1/orders/abc/replace"),
        Mistake("a void with a body", #"{"really":true}"#, "really", path: "/v1/orders/client/abc/void"),
        Mistake("a cancel with a body", #"{"really":true}"#, "really", path: "/v1/orders/abc/cancel"),
    ]
}

@Suite struct `The runner's contract` {
    @Test func `refuses every mistake by its name, and the broker hears of none`() async throws {
        let ground = try RunnerGround()
        let runner = try ground.start()
        for mistake in Mistake.all {
            let answer = try #require(
                await runner.ask(.post, mistake.path, String(decoding: mistake.body, as: UTF8.self)), "\(mistake.what)")
            #expect(answer.status == mistake.status, "\(mistake.what): \(answer.json.text)")
            #expect(answer.code == "contract_invalid", "\(mistake.what): \(answer.json.text)")
            #expect(answer.outcome == "not_sent", "\(mistake.what)")
            let detail = answer.json("detail", as: String.self) ?? ""
            for name in mistake.names { #expect(detail.contains(name), "\(mistake.what): \(detail)") }
            #expect(answer.json("_lean_audit", "runner", as: String.self) == "torghut-lean-runner")
        }
        let named = await runner.ask(
            .post, "/v1/orders/submit", Mistake.good.replacing("{\"symbol", with: "{\"b\":1,\"a\":1,\"symbol"))
        #expect(named?.json("unknown_fields", as: [String].self) == ["b", "a"])
        #expect(try await ground.broker.control("/_sim/summary")("submits", as: Int.self) == 0)
    }

    @Test func `refuses bytes that are no text, types that are no JSON, and what is too much`() async throws {
        let ground = try RunnerGround()
        let runner = try ground.start()
        let pool = HTTPPool(lanes: 1)
        var bytes = Array(Mistake.good.utf8)
        bytes[12] = 0xFF
        let request = HTTPRequest(
            .post, runner.address + "/v1/orders/submit", headers: [("Content-Type", "application/json")], body: bytes)
        let garbled = try await pool.exchange(request).result.get()
        #expect(garbled.status == 422, "\(String(decoding: garbled.body, as: UTF8.self))")
        let form = await runner.ask(
            .post, "/v1/orders/submit", Mistake.good,
            headers: [("Content-Type", "application/x-www-form-urlencoded")])
        #expect(form?.status == 415)
        #expect(form?.code == "contract_invalid")
        let huge = await runner.ask(.post, "/v1/orders/submit", String(repeating: " ", count: (1 << 20) + 1))
        #expect(huge?.status == 413 || huge == nil)
        let deep = String(repeating: "[", count: 1_000) + String(repeating: "]", count: 1_000)
        let nested = await runner.ask(.post, "/v1/orders/submit", "{\"extra_params\":\(deep)}")
        #expect(nested?.status == 422)
        #expect(await runner.ask(.get, "/v1/orders?status=some")?.status == 422)
        #expect(try await ground.broker.control("/_sim/summary")("submits", as: Int.self) == 0)
    }

    @Test func `reads fences strictly`() async throws {
        let ground = try RunnerGround()
        let runner = try ground.start()
        for (name, value) in [
            ("X-Torghut-Deadline", "tomorrow"), ("X-Torghut-Deadline", "2199-01-01T00:00:00Z"),
            ("X-Torghut-Epoch", "first"), ("X-Torghut-Epoch", "-1"),
            ("X-Correlation-ID", String(repeating: "c", count: 256)),
            ("Idempotency-Key", String(repeating: "k", count: 257)),
        ] {
            let answer = await runner.ask(.post, "/v1/orders/submit", Asking.body(nil), headers: [(name, value)])
            #expect(answer?.status == 422, "\(name): \(answer?.json.text ?? "none")")
            #expect(answer?.json("detail", as: String.self)?.contains(name) == true)
        }
    }

    @Test func `names routes and methods that there are not, with an audit`() async throws {
        let runner = try RunnerGround().start()
        let missing = await runner.ask(.get, "/v1/nothing")
        #expect(missing?.status == 404)
        // Not the word by which an order is proved absent.
        #expect(missing?.json("detail", as: String.self) == "route_not_found")
        let wrong = await runner.ask(.put, "/v1/orders/submit", "{}")
        #expect(wrong?.status == 405)
        #expect(wrong?.json("_lean_audit", "operation", as: String.self) == "unrouted")
    }

    @Test func `reads quantities as text, as numbers and as floats print them, and calls equal ones one body`()
        async throws
    {
        let ground = try RunnerGround()
        let runner = try ground.start()
        let first = await runner.submit("loose", qty: "\"0.50\"")
        #expect(first?.status == 200, "\(first?.json.text ?? "none")")
        let again = await runner.submit("loose", qty: "5e-1")
        #expect(again?.status == 200)
        #expect(again?.isReplay == true)
        #expect(try await ground.tally("loose").submits == 1)
    }
}
