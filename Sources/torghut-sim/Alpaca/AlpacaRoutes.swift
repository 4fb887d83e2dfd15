import HTTPServer

/// Alpaca's Trading API v2, and beside it the control endpoint below `/_sim`, which the real one does not have.
struct AlpacaRoutes: Sendable {
    let broker: SimBroker
    let credentials: Credentials
    let desk: ScenarioDesk

    func routes() -> HTTPRoutes {
        var routes = HTTPRoutes()
        let (submit, orders, account) =
            (AlpacaSubmit(broker: broker), AlpacaOrders(broker: broker), AlpacaAccount(broker: broker))
        on(&routes, "POST", "/v2/orders") { request, _ in await submit.answer(request) }
        on(&routes, "GET", "/v2/orders") { request, _ in orders.list(request) }
        on(&routes, "DELETE", "/v2/orders") { _, _ in orders.cancelAll() }
        on(&routes, "GET", "/v2/orders:by_client_order_id") { request, _ in
            orders.get(clientOrderID: request.query("client_order_id") ?? "")
        }
        on(&routes, "GET", "/v2/orders/:id") { _, parameters in orders.get(parameters["id"]) }
        on(&routes, "DELETE", "/v2/orders/:id") { _, parameters in orders.cancel(parameters["id"]) }
        on(&routes, "PATCH", "/v2/orders/:id") { request, parameters in orders.replace(parameters["id"], request) }
        on(&routes, "GET", "/v2/account") { _, _ in account.account() }
        on(&routes, "GET", "/v2/positions") { _, _ in account.positions() }
        on(&routes, "GET", "/v2/positions/:symbol") { _, parameters in account.position(parameters["symbol"]) }
        on(&routes, "GET", "/v2/clock") { _, _ in account.clock() }
        on(&routes, "GET", "/v2/assets") { _, _ in account.assets() }
        on(&routes, "GET", "/v2/assets/:symbol") { _, parameters in account.asset(parameters["symbol"]) }
        let activities = AlpacaActivities(broker: broker)
        on(&routes, "GET", "/v2/account/activities") { request, _ in
            activities.list(request, kinds: request.query("activity_types"))
        }
        on(&routes, "GET", "/v2/account/activities/:kind") { request, parameters in
            activities.list(request, kinds: parameters["kind"])
        }
        ControlRoutes(broker: broker).add(to: &routes)
        MarketRoutes(broker: broker).add(to: &routes)
        BooksRoutes(broker: broker).add(to: &routes)
        LivesRoutes(broker: broker).add(to: &routes)
        StreamFaultRoutes(hub: broker.hub, relay: desk.sources.relay).add(to: &routes)
        ScenarioRoutes(desk: desk).add(to: &routes)
        return routes
    }

    /// Behind the door and the limit of requests.
    private func on(
        _ routes: inout HTTPRoutes, _ method: String, _ pattern: String, _ handler: @escaping HTTPRoutes.Handler
    ) {
        routes.on(method, pattern) { [broker, credentials, outage = desk.sources.outage] request, parameters in
            guard !outage.isOut else { return .hangUp }
            guard credentials.allow(request) else {
                return .refusal(SimRefusal(status: 401, code: 40_110_000, message: "request is not authorized"))
            }
            guard !broker.isLimited() else { return .limited(afterSeconds: 1) }
            return await handler(request, parameters)
        }
    }
}
