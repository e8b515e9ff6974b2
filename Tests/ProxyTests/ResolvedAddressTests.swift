import GatewayAPI
import Proxy
import Resolver
import Testing

@Suite struct ResolvedAddressTests {
    @Test("An address from DNS is the same address as an endpoint", arguments: ["192.0.2.60", "2001:db8::17"])
    func keepsItsValue(text: String) throws {
        let resolved = try #require(ResolvedAddress(text: text))
        #expect(IPAddress(resolved: resolved) == IPAddress(text))
    }
}
