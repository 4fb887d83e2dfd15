public import Adapters
public import Core
public import Domain

/// What the client of the broker's update stream works with.
public struct StreamContext: Sendable {
    public let log: any EventLog
    public let place: StreamPlace
    public let process: ProcessName
    public let time: any TimeSource
    public let observer: any StreamObserver
    public var limits = StreamLimits()

    public init(
        log: any EventLog, place: StreamPlace, process: ProcessName, time: any TimeSource,
        observer: any StreamObserver
    ) {
        self.log = log
        self.place = place
        self.process = process
        self.time = time
        self.observer = observer
    }
}

/// Where the stream is, whose it is, and as whom we come.
public struct StreamPlace: Sendable {
    /// `wss://…/stream`.
    public var address: String
    public var account: AccountLabel
    public var keyID: Secret<String>
    public var secretKey: Secret<String>
    /// The same broker's lists, which close the gaps.
    public var rest: AlpacaSettings
    /// A PEM file instead of the machine's own authorities.
    public var authorities: String?

    public init(
        address: String, account: AccountLabel, keyID: Secret<String>, secretKey: Secret<String>, rest: AlpacaSettings,
        authorities: String? = nil
    ) {
        self.address = address
        self.account = account
        self.keyID = keyID
        self.secretKey = secretKey
        self.rest = rest
        self.authorities = authorities
    }
}
