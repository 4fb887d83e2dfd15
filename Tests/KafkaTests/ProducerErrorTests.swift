import Core
import Kafka
import Testing

/// What a pushed error does to the append it hits.
enum Outcome: Sendable, Equatable {
    /// librdkafka repeats the request: the append succeeds.
    case repeated
    /// Aborted, thrown with this disposition, and the same writer goes on.
    case aborted(Disposition)
    /// The writer is dead, with this disposition.
    case dead(Disposition)
}

struct Fault: Sendable, CustomTestStringConvertible {
    let request: KafkaRequest
    let code: KafkaErrorCode
    let outcome: Outcome

    init(_ request: KafkaRequest, _ code: KafkaErrorCode, _ outcome: Outcome) {
        self.request = request
        self.code = code
        self.outcome = outcome
    }

    var testDescription: String { "\(request) \(code)" }
}

@Suite(.serialized) struct `An error a broker answers` {
    static let retriable: [Fault] = [
        (.produce, [.transport, .leaderNotAvailable, .notLeader, .requestTimedOut, .notEnoughReplicas, .storage]),
        (.produce, [.unknownTopicOrPartition]),
        (.addPartitions, [.transport, .coordinatorLoading, .coordinatorNotAvailable, .notCoordinator]),
        (.addPartitions, [.concurrentTransactions]),
        (.addOffsets, [.transport, .coordinatorNotAvailable, .notCoordinator, .concurrentTransactions]),
        (.commitOffsets, [.transport, .coordinatorLoading, .coordinatorNotAvailable, .notCoordinator]),
        (.endTransaction, [.transport, .coordinatorLoading, .coordinatorNotAvailable, .notCoordinator]),
        (.endTransaction, [.concurrentTransactions]),
        (.metadata, [.transport, .leaderNotAvailable]),
    ].flatMap { (request: KafkaRequest, codes: [KafkaErrorCode]) in codes.map { Fault(request, $0, .repeated) } }

    static let abortable: [Fault] = [
        Fault(.produce, .messageTooLarge, .aborted(.reject)), Fault(.produce, .topicAuthorization, .aborted(.reject)),
        Fault(.produce, .invalidTimestamp, .aborted(.reject)), Fault(.produce, .invalidMessage, .aborted(.halt)),
        Fault(.produce, .invalidTransactionState, .aborted(.halt)),
        Fault(.produce, .unknownProducer, .aborted(.retry)),
        Fault(.produce, .invalidProducerMapping, .aborted(.retry)),
        Fault(.addPartitions, .topicAuthorization, .aborted(.reject)),
        Fault(.addPartitions, .invalidProducerMapping, .aborted(.retry)),
        Fault(.addPartitions, .unknownProducer, .aborted(.retry)),
        Fault(.addOffsets, .groupAuthorization, .aborted(.reject)),
        Fault(.addOffsets, .invalidProducerMapping, .aborted(.retry)),
        Fault(.commitOffsets, .groupAuthorization, .aborted(.reject)),
        Fault(.commitOffsets, KafkaErrorCode(rawValue: 22), .aborted(.reject)),
        Fault(.commitOffsets, KafkaErrorCode(rawValue: 25), .aborted(.reject)),
        Fault(.endTransaction, .invalidProducerMapping, .aborted(.retry)),
    ]

    static let fatal: [Fault] = [
        Fault(.produce, .outOfOrderSequence, .dead(.halt)), Fault(.produce, .invalidProducerEpoch, .dead(.reopen)),
        Fault(.produce, .producerFenced, .dead(.reopen)), Fault(.addPartitions, .producerFenced, .dead(.reopen)),
        Fault(.addPartitions, .invalidProducerEpoch, .dead(.reopen)),
        Fault(.addPartitions, .invalidTransactionState, .dead(.halt)),
        Fault(.addPartitions, .transactionalAuthorization, .dead(.reject)),
        Fault(.addOffsets, .producerFenced, .dead(.reopen)),
        Fault(.addOffsets, .invalidProducerEpoch, .dead(.reopen)),
        Fault(.addOffsets, .transactionalAuthorization, .dead(.reject)),
        Fault(.commitOffsets, .producerFenced, .dead(.reopen)),
        Fault(.commitOffsets, .fencedInstance, .dead(.reopen)),
        Fault(.commitOffsets, .invalidProducerMapping, .dead(.halt)),
        Fault(.endTransaction, .producerFenced, .dead(.reopen)),
        Fault(.endTransaction, .invalidProducerEpoch, .dead(.reopen)),
        Fault(.endTransaction, .invalidTransactionState, .dead(.halt)),
        Fault(.endTransaction, .transactionalAuthorization, .dead(.reject)),
    ]

    @Test(arguments: retriable + abortable + fatal)
    func `is repeated, or aborts, or ends the writer, and says which`(fault: Fault) async throws {
        try await withCluster { cluster, settings in
            let writer = try await openWriter(settings)
            try cluster.push([fault.code], to: fault.request)
            #expect(await outcome(of: writer) == fault.outcome)
            await writer.close()
        }
    }

    /// Appends records and a position into the fault, then once more to see whether the writer goes on.
    private func outcome(of writer: KafkaProducer) async -> Outcome {
        let position = ConsumerPosition(consumer: "c", source: TopicPartition("t", 0), next: 5, anchor: nil)
        var failure: KafkaError?
        do throws(KafkaError) {
            _ = try await writer.append(numbered(0..<3), positions: [position])
        } catch {
            failure = error
        }
        do throws(KafkaError) {
            _ = try await writer.append(numbered(3..<4))
            guard let failure else { return .repeated }
            return failure.isFatal ? .dead(failure.disposition) : .aborted(failure.disposition)
        } catch {
            #expect(failure?.isFatal == true, "the writer died of \(error) after \(String(describing: failure))")
            #expect(error.disposition == failure?.disposition)
            return .dead(error.disposition)
        }
    }

    @Test(
        arguments: [
            (.transactionalAuthorization, .reject), (.clusterAuthorization, .reject),
            (.invalidTransactionTimeout, .reject), (.producerFenced, .reopen),
        ] as [(KafkaErrorCode, Disposition)])
    func `refuses a writer when it is opened`(code: KafkaErrorCode, disposition: Disposition) async throws {
        try await withCluster { cluster, settings in
            try cluster.push([code], to: .initProducer)
            let producer = try KafkaProducer(settings, transactionalID: "w")
            let error = await #expect(throws: KafkaError.self) { try await producer.initialize() }
            #expect(error?.disposition == disposition)
            await producer.close()
        }
    }

    @Test(arguments: [.transport, .coordinatorLoading, .notCoordinator, .concurrentTransactions] as [KafkaErrorCode])
    func `delays a writer that is opened, and no more`(code: KafkaErrorCode) async throws {
        try await withCluster { cluster, settings in
            try cluster.push([code], to: .initProducer)
            let writer = try await openWriter(settings)
            #expect(try await writer.append(numbered(0..<1)).count == 1)
            await writer.close()
        }
    }
}
