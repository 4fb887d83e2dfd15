public import Core
public import Domain

/// What a lane knows from the log: what is to be asked, what was answered, and what follows from it.
///
/// A fold that may take the same event twice: what a lane writes it folds at once, and reads it back later.
public protocol LaneBook: Snapshot {
    associatedtype Question: LaneQuestion

    static var wanted: Set<EventType> { get }
    static var topics: [CatalogTopic] { get }
    var isLaneDisabled: Bool { get }

    mutating func fold(_ event: Event, at position: RecordPosition?)
    /// What nobody answered and is young enough, each once, in the order it came; and what is too old for it.
    mutating func takeQuestions(at now: Timestamp) -> (questions: [Question], tooOld: [Question])
    /// What can be said by now without asking anybody.
    mutating func takeVerdicts(at now: Timestamp) -> [LaneVerdict]
    /// The answer as it is written: with what the log alone can tell.
    func completed(_ answer: Event) -> DomainEvent
}

/// One question to the runner, and the event it is about.
public protocol LaneQuestion: Sendable {
    var account: AccountLabel { get }
    var symbol: Symbol { get }
    var story: StoryID { get }
    var eventID: EventID { get }
    var cause: Cause { get }
}

/// Something that follows from what lies on the log, with the name that makes its id.
public struct LaneVerdict: Sendable {
    public let account: AccountLabel
    public let symbol: Symbol
    public let story: StoryID
    public let causation: EventID
    /// Equal names are equal events.
    public let name: (machine: String, step: String)
    public let content: DomainEvent
}

/// How a lane asks, and what it makes of the answer.
public protocol LaneCraft: Sendable {
    associatedtype Book: LaneBook

    /// Of the snapshot and of the writer; the latter fences whoever worked before.
    var name: String { get }
    /// Where the runner answers it.
    var path: String { get }
    func correlation(of question: Book.Question) -> CorrelationID
    /// Gathers what the question needs; bounded, because nobody waits longer than the lane's own deadline.
    func prepared(_ question: Book.Question) async throws(LaneFault) -> Book.Question
    /// The answer that needs nobody: what is missing cannot be asked about.
    func answerUnasked(_ question: Book.Question) -> DomainEvent?
    func body(of question: Book.Question) -> [UInt8]
    func answer(to question: Book.Question, _ body: [UInt8], latencyMicroseconds: Int64) throws(LaneFault)
        -> DomainEvent
    func failure(of question: Book.Question, _ failed: LaneFailed) -> DomainEvent
    /// Follows something besides the log while the lane works; returns when its task is cancelled.
    func accompany() async
}

extension LaneCraft {
    public func accompany() async {}
    public func answerUnasked(_ question: Book.Question) -> DomainEvent? { nil }
}

/// Why a question has no answer, after how many tries.
public struct LaneFailed: Sendable, Equatable {
    public let fault: LaneFault
    public let tries: Int64
    public let latencyMicroseconds: Int64?

    public init(_ fault: LaneFault, tries: Int64, latencyMicroseconds: Int64? = nil) {
        self.fault = fault
        self.tries = tries
        self.latencyMicroseconds = latencyMicroseconds
    }
}
