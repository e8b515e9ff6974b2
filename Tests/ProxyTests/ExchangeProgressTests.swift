import Testing

@testable import Proxy

/// Every event in every state.
@Suite struct ExchangeProgressTests {
    private func progress(sent: Bool = false, began: Bool = false, ended: Bool = false) -> ExchangeProgress {
        var progress = ExchangeProgress()
        if sent { _ = progress.requestSent() }
        if began || ended { progress.responseBegan() }
        if ended { _ = progress.responseEnded(endpointReadsOn: true) }
        return progress
    }

    @Test func aRequestIsOverWithTheResponseWhicheverEndsLast() {
        var first = progress(sent: true, began: true)
        #expect(first.responseEnded(endpointReadsOn: true) == .finish)
        var second = progress(ended: true)
        #expect(second.requestSent() == .finish)
        var third = progress()
        #expect(third.requestSent() == .wait)
        var fourth = progress(began: true)
        #expect(fourth.requestSent() == .wait)
    }

    @Test func aResponseThatIsWholeFirstEndsBothConnectionsUnlessTheEndpointReadsOn() {
        var early = progress(began: true)
        #expect(early.responseEnded(endpointReadsOn: false) == .finishAndClose)
        var readsOn = progress(began: true)
        #expect(readsOn.responseEnded(endpointReadsOn: true) == .wait)
        #expect(readsOn.isResponseComplete && readsOn.requestSent() == .finish)
    }

    @Test func anEndpointThatLeavesWithinItsAnswerIsNeverTriedAgain() {
        var cut = progress(sent: true, began: true)
        #expect(cut.upstreamClosed(endsResponse: false) == .abortClient)
        var whole = progress(sent: true, began: true)
        #expect(whole.upstreamClosed(endsResponse: true) == .finish)
        var early = progress(began: true)
        #expect(early.upstreamClosed(endsResponse: true) == .finishAndClose)
        var over = progress(ended: true)
        #expect(over.upstreamClosed(endsResponse: true) == .finishAndClose)
    }

    @Test func aRestartAwaitsTheResponseAnew() {
        var restarted = progress(sent: true, began: true)
        #expect(restarted.isResponseStreaming)
        restarted.restart(requestSent: false)
        #expect(restarted.isResponseAwaited && !restarted.isRequestSent)
        restarted.restart(requestSent: true)
        #expect(restarted.isRequestSent)
    }
}
