public import Core

// Names that only events carry. Like those of `Core`, only length and characters are checked.

public enum TopicNameKind: IdentifierKind {
    public static let name = "topic"
    public static let maximumBytes = 249
}
public typealias TopicName = Identifier<TopicNameKind>

public enum SourceNameKind: IdentifierKind {
    public static let name = "source"
    public static let maximumBytes = 128
}
public typealias SourceName = Identifier<SourceNameKind>

public enum ActorNameKind: IdentifierKind {
    public static let name = "actor"
    public static let maximumBytes = 256
}
public typealias ActorName = Identifier<ActorNameKind>

public enum BrokerOrderIDKind: IdentifierKind {
    public static let name = "alpaca_order_id"
    public static let maximumBytes = 128
}
public typealias BrokerOrderID = Identifier<BrokerOrderIDKind>

public enum BrokerWordKind: IdentifierKind {
    public static let name = "broker_word"
    public static let maximumBytes = 64
}
public typealias BrokerWord = Identifier<BrokerWordKind>

public enum ExecutionIDKind: IdentifierKind {
    public static let name = "execution_id"
    public static let maximumBytes = 128
}
public typealias ExecutionID = Identifier<ExecutionIDKind>

public enum CodeKind: IdentifierKind {
    public static let name = "code"
    public static let maximumBytes = 256
}
public typealias Code = Identifier<CodeKind>

public enum BacktestIDKind: IdentifierKind {
    public static let name = "backtest_id"
    public static let maximumBytes = 64
}
public typealias BacktestID = Identifier<BacktestIDKind>

public enum ProcessNameKind: IdentifierKind {
    public static let name = "process"
    public static let maximumBytes = 128
}
public typealias ProcessName = Identifier<ProcessNameKind>

public enum LabelKind: IdentifierKind {
    public static let name = "label"
    public static let maximumBytes = 128
}
public typealias Label = Identifier<LabelKind>

public enum AddressKind: IdentifierKind {
    public static let name = "address"
    public static let maximumBytes = 512
}
public typealias Address = Identifier<AddressKind>
