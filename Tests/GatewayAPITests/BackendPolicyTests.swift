import GatewayAPI
import Testing

@Suite struct BackendPolicyTests {
    private func refusal(
        _ text: String, _ policy: BackendPolicy = BackendPolicy(), cluster: Set<String> = []
    ) throws -> String? {
        let address = try #require(IPAddress(text))
        return policy.refusal(of: address) { cluster.contains("\($0)") }
    }

    @Test(arguments: [
        "127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1", "::ffff:7f00:1", "0.0.0.0", "0.1.2.3", "::",
        "169.254.169.254", "169.254.0.1", "fe80::1", "febf::1", "fec0::1", "224.0.0.1", "239.255.255.255", "ff02::1",
        "255.255.255.255", "240.0.0.1", "168.63.129.16", "100.100.100.200", "fd00:ec2::254",
        // The same through translators and tunnels.
        "64:ff9b::127.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::7f00:1", "64:ff9b:1:7f00:0:100::", "64:ff9b:1:7f:0:1::",
        "64:ff9b:1:0:7f:0:100:0", "2002:7f00:1::", "2002:a9fe:a9fe::1", "2001:0:7f00:1::", "2001:0:102:304::80ff:fffe",
        "::127.0.0.1", "::ffff:0:127.0.0.1", "2001:db8::5efe:7f00:1", "2001:db8::200:5efe:7f00:1",
    ])
    func addressesThatLeadInsideAreRefused(_ text: String) throws {
        #expect(try refusal(text) != nil)
    }

    @Test(arguments: [
        "10.0.0.1", "192.168.1.1", "192.0.2.1", "8.8.8.8", "126.255.255.255", "128.0.0.1", "169.253.1.1",
        "223.255.255.255",
        "2001:db8::1", "fd00::1", "64:ff9b::8.8.8.8", "2002:808:808::1", "2606:4700::1111", "fe00::1",
    ])
    func otherAddressesAreNot(_ text: String) throws {
        #expect(try refusal(text) == nil)
    }

    @Test func theOperatorAllowsNetworks() throws {
        var policy = BackendPolicy()
        policy.allowedNetworks = [try #require(IPNetwork("127.0.0.0/8"))]
        #expect(try refusal("127.0.0.2", policy) == nil)
        #expect(try refusal("64:ff9b::127.0.0.1", policy) == nil, "what it embeds is allowed")
        #expect(try refusal("::1", policy) != nil)
        #expect(try refusal("169.254.169.254", policy) != nil)
    }

    @Test func addressesOfTheClusterAndOfTheProxyAreRefused() throws {
        var policy = BackendPolicy()
        policy.clusterNetworks = [try #require(IPNetwork("10.244.0.0/16"))]
        policy.ownAddresses = [try #require(IPAddress("192.168.7.7"))]
        #expect(try refusal("10.244.3.4", policy)?.contains("in a network of the cluster") == true)
        #expect(try refusal("64:ff9b::10.244.3.4", policy)?.contains("embeds 10.244.3.4") == true)
        #expect(try refusal("192.168.7.7", policy)?.contains("the proxy itself") == true)
        #expect(try refusal("10.96.0.1", policy, cluster: ["10.96.0.1"])?.contains("Service or pod") == true)
        #expect(try refusal("10.245.0.1", policy) == nil)
        policy.allowedNetworks = [try #require(IPNetwork("10.0.0.0/8"))]
        #expect(try refusal("10.244.3.4", policy) == nil)
        #expect(try refusal("10.96.0.1", policy, cluster: ["10.96.0.1"]) == nil)
    }

    private func nameRefusal(_ text: String, _ policy: BackendPolicy = BackendPolicy()) throws -> String? {
        let name = try #require(BackendName(text))
        return policy.refusal(of: name, searchedIn: ["infra", "shop"]) {
            $0 == ObjectKey(namespace: "shop", name: "cart")
        }
    }

    @Test(arguments: [
        "localhost", "LOCALHOST", "localhost.", "a.localhost", "localhost.localdomain", "ip6-localhost",
        "cart.shop.svc.cluster.local", "cart.shop.svc.cluster.local.", "cart.shop.svc", "x.y.svc", "cluster.local",
        "10-0-0-1.shop.pod.cluster.local", "10-0-0-1.shop.pod", "cart.shop", "cart", "cart.shop.svc.corp.internal",
    ])
    func namesThatLeadInsideAreRefused(_ text: String) throws {
        #expect(try nameRefusal(text) != nil)
    }

    @Test(arguments: [
        "example.com", "example.com.", "db.example.com", "cart.shop.", "cart.", "cart.shop.example.com", "other.shop",
        "localhost.example.com", "my_db.example.com", "svc.example.com", "notcluster.local",
    ])
    func otherNamesAreNot(_ text: String) throws {
        #expect(try nameRefusal(text) == nil)
    }

    @Test func allowedNetworksOpenTheNamesThatLeadThere() throws {
        var policy = BackendPolicy()
        policy.allowedNetworks = [try #require(IPNetwork("127.0.0.0/8"))]
        #expect(try nameRefusal("localhost", policy) == nil)
        #expect(try nameRefusal("cart.shop.svc", policy) != nil)
        policy.allowedNetworks = [try #require(IPNetwork("10.96.0.0/12"))]
        #expect(try nameRefusal("localhost", policy) != nil)
        #expect(try nameRefusal("cart.shop.svc", policy) != nil, "the network may be anybody's")
        policy.clusterNetworks = [try #require(IPNetwork("10.244.0.0/16"))]
        #expect(try nameRefusal("cart.shop.svc", policy) != nil, "another network than the cluster's")
        policy.clusterNetworks += [try #require(IPNetwork("10.96.0.0/16"))]
        #expect(try nameRefusal("cart.shop.svc", policy) == nil, "its addresses decide")
    }

    @Test(arguments: [
        "", ".", "a..b", "..", "-a.com", "a-.com", "a b.com", "a.com..", "127.1", "127.0.0.1.", "2130706433", "0x7f.1",
        "0x7f000001", "a.0x", "a.1", "ä.com", "a/b.com", String(repeating: "a", count: 64) + ".com",
    ])
    func whatNoResolverTakesForANameIsNone(_ text: String) {
        #expect(BackendName(text) == nil)
    }

    @Test func aNamesHostGoesWithoutTheLastDot() {
        #expect(BackendName("DB.example.com.")?.host == "db.example.com")
        #expect(BackendName("my_db.example.com")?.host == "my_db.example.com")
    }

    @Test func networksAreReadAndMasked() throws {
        #expect(IPNetwork("10.1.2.3/8")?.description == "10.0.0.0/8")
        #expect(IPNetwork("10.1.2.3")?.description == "10.1.2.3/32")
        #expect(IPNetwork("fd00:1::/16")?.description == "fd00::/16")
        #expect(IPNetwork("::ffff:10.0.0.0/104")?.description == "10.0.0.0/8")
        #expect(IPNetwork("0.0.0.0/0")?.contains(try #require(IPAddress("8.8.8.8"))) == true)
        #expect(IPNetwork("::/0")?.contains(try #require(IPAddress("fd00::1"))) == true)
        #expect(IPNetwork("fd00::/65")?.contains(try #require(IPAddress("fd00::8000:0:0:0"))) == false)
        for text in [
            "", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "::/129", "::ffff:0.0.0.0/8", "a/8", "10/8",
        ] {
            #expect(IPNetwork(text) == nil, "\(text)")
        }
    }
}
