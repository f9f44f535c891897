import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { isPrivateAddress } from "../../../src/wecom/picture.ts";

const table: readonly [string, readonly string[], boolean][] = [
  ["loopback", ["127.0.0.1", "127.255.255.254", "::1"], true],
  ["the unspecified address, which reaches this machine", ["0.0.0.0", "::"], true],
  [
    "networks of one's own",
    ["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "fc00::1", "fd12:3456::1"],
    true,
  ],
  ["link-local, where clouds keep their credentials", ["169.254.169.254", "fe80::1", "fec0::1"], true],
  ["a provider's shared network", ["100.64.0.1", "100.100.100.200"], true],
  ["multicast, broadcast and the rest of the top", ["224.0.0.1", "255.255.255.255", "ff02::1"], true],
  [
    "IPv4 inside IPv6: mapped, NAT64, 6to4, Teredo",
    ["::ffff:10.0.0.1", "::ffff:7f00:1", "64:ff9b::a00:1", "2002:a00:1::", "2001:0:1::"],
    true,
  ],
  ["IPv4 inside IPv6, in old forms and translated", ["::10.0.0.1", "::2", "::ffff:0:10.0.0.1", "64:ff9b:1::1"], true],
  [
    "documentation, benchmarks, relays and protocols",
    ["192.0.0.8", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "192.88.99.1", "240.0.0.1"],
    true,
  ],
  ["the same in IPv6", ["2001:db8::1", "3fff::1", "5f00::1", "100::1", "2001:20::1", "2001:5::1"], true],
  ["IPv6 that nobody was given", ["1::1", "100:0:0:1::1", "4000::1", "a000::1", "f000::1"], true],
  ["Azure's platform", ["168.63.129.16", "::ffff:168.63.129.16"], true],
  [
    "neighbours of those ranges",
    ["9.255.255.255", "11.0.0.0", "172.15.255.255", "172.32.0.0", "100.63.255.255", "128.0.0.0", "168.63.129.17"],
    false,
  ],
  ["the public internet", ["8.8.8.8", "223.255.255.255", "2400:3200::1", "2606:4700::1111", "::ffff:8.8.8.8"], false],
];

describe("isPrivateAddress", () => {
  for (const [what, addresses, expected] of table) {
    it(`${expected ? "private" : "public"}: ${what}`, () => {
      assert.deepEqual(
        addresses.map((address) => [address, isPrivateAddress(address)]),
        addresses.map((address) => [address, expected]),
      );
    });
  }

  it("treats text that is not an address as private", () => {
    assert.deepEqual(["", "localhost", "1.2.3", "fe80::1%eth0x y"].map(isPrivateAddress), [true, true, true, true]);
  });

  it("gives the same result for an IPv4 address and its IPv6 mapping", () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        assert.equal(isPrivateAddress(`::ffff:${address}`), isPrivateAddress(address));
      }),
    );
  });
});
