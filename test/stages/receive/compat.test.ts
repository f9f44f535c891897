// Addresses of other adapters: the bots, mentions and template of each, and rejections that do not repeat the address.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type CompatPeer, compatPeers } from "../../../src/domain/intake.ts";
import { createAliases, type FoundAlias } from "../../../src/receive/compat.ts";

const key = "0a1b2c3d-1111-4222-8333-00000000c0de";
const wholeURL = `https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=${key}`;

const known: ReadonlyMap<string, string> = new Map([
  ["ops", "ops"],
  ["dba", "dba"],
  ["值班", "值班"],
  [key, "keyed"],
  [wholeURL, "keyed"],
]);

interface Ask {
  readonly peers?: readonly CompatPeer[];
  readonly authorization?: string;
  readonly guarded?: readonly string[];
}

function ask(address: string, { peers = compatPeers, authorization, guarded = [] }: Ask = {}): FoundAlias {
  const [path = "", query] = address.split(/\?(.*)/s);
  const find = createAliases({
    peers,
    botOf: (name) => known.get(name) ?? null,
    hasOwnCredentials: (bot) => guarded.includes(bot),
    hasTemplate: (name) => name === "own",
  });
  return find({ path, query: new URLSearchParams(query), authorization: authorization ?? null });
}

function hook(bots: readonly string[], more: { mentions?: readonly string[]; template?: string } = {}): FoundAlias {
  const { mentions = [], template = null } = more;
  return { kind: "hook", hook: { kind: "alias", bots, mentions, template } };
}

/** A minute when the time grows with the square of the length. */
it("200 paths of 15,000 slashes are read within the time limit of this test", { timeout: 15_000 }, async () => {
  for (let n = 0; n < 200; n++) {
    assert.deepEqual(ask(`${"/".repeat(15_000)}a`), { kind: "none" });
    await new Promise(setImmediate);
  }
});

describe("an address of another adapter", () => {
  const addresses: readonly (readonly [CompatPeer, string, FoundAlias])[] = [
    ["k8stech", `/webhook?key=${key}`, hook(["keyed"])],
    ["k8stech", "/webhook?key=ops", hook(["ops"])],
    ["k8stech", "/webhook", { kind: "none" }],
    ["a2w", `/send?key=${key}&mention=zhang&mention=li`, hook(["keyed"], { mentions: ["zhang", "li"] })],
    ["g2ww", `/send?key=${key}&type=news`, hook(["keyed"])],
    ["g2ww", `/${key}`, hook(["keyed"])],
    ["g2ww", `/grafana/${key}`, hook(["keyed"])],
    ["g2ww", `/alertmanager/${key}`, hook(["keyed"])],
    ["g2ww", "/ops", { kind: "none" }],
    ["bougou", `/webhook/send?channel_type=weixin&token=${key}&msg_type=markdown`, hook(["keyed"])],
    ["prometheusalert", `/prometheusalert?type=wx&tpl=prometheus-wx&wxurl=${wholeURL}`, hook(["keyed"])],
    [
      "prometheusalert",
      `/prometheusalert?type=wx&tpl=own&wxurl=${encodeURIComponent(wholeURL)}&at=zhang,li&rr=true&split=false`,
      hook(["keyed"], { mentions: ["zhang", "li"], template: "own" }),
    ],
    ["prometheusalert", "/prometheusalert?type=wx&wxurl=ops,dba,ops", hook(["ops", "dba"])],
    ["prometheusalert", "/prometheusalert?type=wx&tpl=prometheus-wx&alertgroup=ops,dba", hook(["ops", "dba"])],
    ["prometheusalert", "/prometheusalert?type=wx&tpl=prometheus-wx", hook([])],
    ["rainbowhhy", `/qywechat?key=${key}`, hook(["keyed"])],
    ["rainbowhhy", `/qywechat?url=${wholeURL}`, hook(["keyed"])],
    ["rainbowhhy", "/qywechat", hook([])],
    ["leezbug", `/alertmanager2qywx?key=${key}`, hook(["keyed"])],
    ["timonwong", "/dingtalk/ops/send", hook(["ops"])],
    ["timonwong", "/dingtalk/%E5%80%BC%E7%8F%AD/send", hook(["值班"])],
    ["lido", "/hook/ops", hook(["ops"])],
    ["metio", "/alerts/ops/", hook(["ops"])],
    ["prom2teams", "/v2/ops", hook(["ops"])],
    ["notification-manager", "/api/v2/alerts", hook([])],
  ];

  for (const [peer, address, expected] of addresses) {
    it(`${peer}: ${address}`, () => {
      assert.deepEqual(ask(address, { peers: [peer] }), expected);
    });
  }

  it("daozzg: the bearer token is the key", () => {
    const peers = ["daozzg"] as const;

    assert.deepEqual(ask("/prometheus_webhook", { peers, authorization: `Bearer ${key}` }), hook(["keyed"]));
    assert.equal(ask("/prometheus_webhook", { peers }).kind, "rejected");
  });

  it("every peer has an address here, and an address is answered only when its peer is configured", () => {
    assert.deepEqual([...new Set([...addresses.map(([peer]) => peer), "daozzg"])].sort(), [...compatPeers]);
    for (const [, address] of addresses) assert.deepEqual(ask(address, { peers: [] }), { kind: "none" });
  });
});

describe("a rejection", () => {
  const rejections: readonly (readonly [string, number, string, Ask?])[] = [
    ["/webhook?key=", 400, "unreadable_alias"],
    ["/send", 400, "unreadable_alias"],
    ["/send?key=nobody", 404, "unknown_alias_bot"],
    ["/webhook/send?channel_type=dingtalk&token=x", 400, "unreadable_alias"],
    ["/prometheusalert?type=dd&ddurl=x", 400, "unreadable_alias"],
    ["/prometheusalert?type=wx&wxurl=ops,nobody", 404, "unknown_alias_bot"],
    ["/prometheusalert?type=wx&wxurl=ops,dba", 400, "several_guarded_bots", { guarded: ["dba"] }],
    ["/dingtalk/nobody/send", 404, "unknown_alias_bot"],
  ];

  for (const [address, status, code, more] of rejections) {
    it(`${address} is ${status} ${code}`, () => {
      const found = ask(address, more);

      assert.ok(found.kind === "rejected");
      assert.equal(found.response.status, status);
      assert.equal(JSON.parse(found.response.text).error, code);
    });
  }

  it("no response repeats a key, whatever its place", () => {
    const places = [
      "/webhook?key=",
      "/send?key=",
      "/grafana/",
      "/qywechat?url=",
      "/prometheusalert?type=wx&wxurl=",
      "/hook/",
    ];
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.uuid(), (place, secret) => {
        assert.doesNotMatch(JSON.stringify(ask(place + secret)), new RegExp(secret));
      }),
    );
  });

  it("no address makes it throw", () => {
    fc.assert(fc.property(fc.string(), (text) => void ask(`/${text}`)));
  });
});
