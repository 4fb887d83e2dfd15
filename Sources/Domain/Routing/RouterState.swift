public import Core

/// All that the router knows from the log: intents on their way, control, and what fell back lately.
///
/// A fold: taking events in sends nothing, ever.
public struct RouterState: Snapshot {
    public static let foldName = "torghut.route.6"

    public internal(set) var control = ControlState()
    public internal(set) var recent = RecentRoutes()
    private var intents: [IntentID: RoutedIntent] = [:]
    private var byDecision: [DecisionHash: IntentID] = [:]
    private var byNumber: [Int64: IntentID] = [:]
    /// The numbers of intents that are open, oldest first.
    private var openNumbers: [Int64] = []
    /// Of those, the ones for which nothing was prepared yet.
    private var waitingNumbers: [Int64] = []
    /// The numbers of intents that are over, in the order they were.
    private var overNumbers: [Int64] = []
    private var firstOver = 0
    private var nextNumber: Int64 = 1
    public private(set) var clock = Timestamp.earliest

    public init() {}

    /// Intents that are not over, oldest first.
    public var open: [IntentID] { openNumbers.compactMap { byNumber[$0] } }
    public var openCount: Int { openNumbers.count }
    /// The oldest intents for which nothing was prepared yet and that nothing holds, so many at most.
    public func waiting(upTo limit: Int) -> [IntentID] {
        var found: [IntentID] = []
        for number in waitingNumbers where found.count < limit {
            guard let id = byNumber[number], intents[id]?.hold == nil else { continue }
            found.append(id)
        }
        return found
    }

    /// Intents that are kept, open or over.
    public var count: Int { intents.count }
    public subscript(intent: IntentID) -> RoutedIntent? { intents[intent] }
    public func intent(of decision: DecisionHash) -> RoutedIntent? { byDecision[decision].flatMap { intents[$0] } }

    /// Takes an event of any topic that the router reads; `cause` is where it lies.
    public mutating func fold(_ event: Event, at cause: Cause, under timing: RoutingPolicy.Timing) {
        let envelope = event.envelope
        if envelope.ingestTime > clock { clock = envelope.ingestTime }
        forget(after: timing.memory)
        switch event.content {
        case .intents(.intentEmitted(let intent)): add(intent, envelope, at: cause)
        case .route(let route):
            recent.fold(route, envelope)
            if let intent = intent(for: route) { change(intent) { $0.fold(route, envelope) } }
        case .orderEvents(let event):
            guard let update = OrderUpdate(event), let intent = byDecision[update.decision] else { return }
            change(intent) { $0.fold(update, at: envelope.ingestTime) }
        case .control(let change):
            control.fold(change, envelope, at: cause.offset)
            recent.fold(change, envelope)
        case .intents, .decisions, .shadow, .strategyShadow, .backtests, .canary, .account, .heartbeats, .quarantine:
            break
        }
    }

    private func intent(for event: Route) -> IntentID? {
        if let intent = event.intentID { return intent }
        return event.order?.decision.flatMap { byDecision[$0] }
    }

    private mutating func add(_ event: IntentEmitted, _ envelope: Envelope, at cause: Cause) {
        guard intents[event.intentID] == nil else { return }
        insert(RoutedIntent(event, envelope, at: cause, number: nextNumber))
        nextNumber += 1
    }

    private mutating func insert(_ intent: RoutedIntent) {
        intents[intent.intentID] = intent
        byDecision[intent.decision] = intent.intentID
        byNumber[intent.number] = intent.intentID
        if intent.phase == .waiting { waitingNumbers.append(intent.number) }
        if intent.isOpen { openNumbers.append(intent.number) } else { overNumbers.append(intent.number) }
    }

    private mutating func change(_ id: IntentID, _ change: (inout RoutedIntent) -> Void) {
        guard var intent = intents[id] else { return }
        let (wasOpen, wasWaiting) = (intent.isOpen, intent.phase == .waiting)
        intents[id] = nil
        change(&intent)
        intents[id] = intent
        // Nothing waits a second time.
        if wasWaiting, intent.phase != .waiting {
            waitingNumbers.remove(at: place(of: intent.number, in: waitingNumbers))
        }
        switch (wasOpen, intent.isOpen) {
        case (true, false):
            openNumbers.remove(at: place(of: intent.number, in: openNumbers))
            overNumbers.append(intent.number)
        case (false, true):
            openNumbers.insert(intent.number, at: place(of: intent.number, in: openNumbers))
            overNumbers.removeAll { $0 == intent.number }
            firstOver = min(firstOver, overNumbers.count)
        case (true, true), (false, false): break
        }
    }

    /// Where a number stands, or belongs, in a list that ascends.
    private func place(of number: Int64, in numbers: [Int64]) -> Int {
        var low = 0
        var high = numbers.count
        while low < high {
            let middle = (low + high) / 2
            if numbers[middle] < number { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Intents that were over long ago are too old to be sent again, so nothing asks for them.
    private mutating func forget(after memory: Duration) {
        guard firstOver < overNumbers.count, let limit = clock.advanced(by: .zero - memory) else { return }
        while firstOver < overNumbers.count, let id = byNumber[overNumbers[firstOver]], let intent = intents[id] {
            guard let overAt = intent.overAt, overAt < limit, intent.expiresAt < limit else { break }
            intents[id] = nil
            byDecision[intent.decision] = nil
            byNumber[intent.number] = nil
            firstOver += 1
        }
        if firstOver > 1024, firstOver > overNumbers.count / 2 {
            overNumbers.removeFirst(firstOver)
            firstOver = 0
        }
    }
}

extension RouterState {
    public func write(to writer: inout StateWriter) {
        var (control, recent, clock) = (control, recent, clock)
        control.walk(&writer)
        recent.walk(&writer)
        writer.field("clock", &clock, "The latest moment.")
        writer.number(UInt64(nextNumber))
        let numbers = openNumbers + overNumbers[firstOver...]
        writer.rows(numbers.compactMap { byNumber[$0].flatMap { intents[$0] } })
    }

    public init(from reader: inout StateReader) throws(StateFault) {
        control = try ControlState.filled(by: &reader)
        recent = try RecentRoutes.filled(by: &reader)
        try reader.field("clock", &clock, "The latest moment.")
        nextNumber = Int64(truncatingIfNeeded: try reader.number())
        for intent in try reader.rows(of: RoutedIntent.self) { insert(intent) }
    }

    public static func == (left: Self, right: Self) -> Bool { left.snapshot == right.snapshot }
}

extension Route {
    /// Whose story it is part of.
    public var intentID: IntentID? {
        switch self {
        case .attemptPrepared(let event): event.key.intentID
        case .attemptSent(let event): event.key.intentID
        case .attemptAccepted(let event): event.key.intentID
        case .attemptRejected(let event): event.key.intentID
        case .attemptUnknown(let event): event.key.intentID
        case .attemptResolved(let event): event.key.intentID
        case .fallbackDecided(let event): event.key.intentID
        case .intentHeld(let event): event.intentID
        case .intentReleased(let event): event.intentID
        case .intentWithdrawn(let event): event.intentID
        case .cancelRequested, .cancelConfirmed, .cancelRefused, .replaceRequested, .replaceDone, .replaceRefused,
            .idsDiverged:
            order?.intentID
        }
    }

    var order: OrderKey? {
        switch self {
        case .cancelRequested(let event): event.order
        case .cancelConfirmed(let event): event.order
        case .cancelRefused(let event): event.order
        case .replaceRequested(let event): event.order
        case .replaceDone(let event): event.order
        case .replaceRefused(let event): event.order
        case .idsDiverged(let event): event.order
        case .attemptPrepared, .attemptSent, .attemptAccepted, .attemptRejected, .attemptUnknown, .attemptResolved,
            .fallbackDecided, .intentHeld, .intentReleased, .intentWithdrawn:
            nil
        }
    }
}
