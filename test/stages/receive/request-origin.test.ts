// What pages of other origins can do, over real HTTP: nothing. Who gets an answer that is for this machine only.

import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { describe, it, test } from "node:test";
import type { Auth, Credential } from "../../../src/config/config.ts";
import { Secret } from "../../../src/config/secret.ts";
import { isOfThisMachine } from "../../../src/receive/request-origin.ts";
import { openToAll, receiving } from "./receiving.ts";

const right = { authorization: "Bearer r1ght" };
const bearer: Credential = { kind: "authorization", scheme: "Bearer", credentials: new Secret("r1ght") };
const guarded: Auth = { ...openToAll, webhook: [bearer], admin: [bearer] };

type Headers = Readonly<Record<string, string>>;

/** By what the page is; every request has the credentials, as a browser sends them along. */
const pages: readonly (readonly [string, Headers, "open" | "refused"])[] = [
  ["no page", {}, "open"],
  ["no page, from a fetch of Node", { "sec-fetch-mode": "cors" }, "open"],
  ["a page of this origin", { "sec-fetch-site": "same-origin", origin: "http://127.0.0.1", host: "127.0.0.1" }, "open"],
  [
    "a page of this origin behind a proxy",
    { "sec-fetch-site": "same-origin", origin: "https://wecom.example" },
    "open",
  ],
  ["what a person typed", { "sec-fetch-site": "none" }, "open"],
  ["a page of another site", { "sec-fetch-site": "cross-site" }, "refused"],
  ["a page of another site without an origin", { "sec-fetch-site": "cross-site", origin: "null" }, "refused"],
  ["a page of another port or subdomain", { "sec-fetch-site": "same-site" }, "refused"],
  ["a page that a browser knows another word for", { "sec-fetch-site": "cross-universe" }, "refused"],
  ["a page of this origin, plain HTTP", { origin: "http://10.1.2.3:8060", host: "10.1.2.3:8060" }, "open"],
  ["a page of this name, plain HTTP", { origin: "http://wecom.intranet", host: "wecom.intranet" }, "open"],
  ["a page of another name, plain HTTP", { origin: "http://evil.example", host: "wecom.intranet" }, "refused"],
  ["a page of another port, plain HTTP", { origin: "http://10.1.2.3:80", host: "10.1.2.3:8060" }, "refused"],
  ["a page of a longer name, plain HTTP", { origin: "http://10.1.2.3.evil", host: "10.1.2.3" }, "refused"],
  ["a page of a name before it, plain HTTP", { origin: "http://evil@10.1.2.3", host: "10.1.2.3" }, "refused"],
  ["a page of a file, plain HTTP", { origin: "null", host: "10.1.2.3" }, "refused"],
  ["a page of an extension", { origin: "chrome-extension://10.1.2.3", host: "10.1.2.3" }, "refused"],
];

const requests = [
  ["POST", "/webhook", 200],
  ["PUT", "/webhook", 200],
  ["POST", "/webhook/bot/ops", 200],
  ["POST", "//webhook", 200],
  ["POST", "/-/reload", 200],
  ["PUT", "/-/reload", 200],
  ["POST", "/api/v1/anything", 404],
  ["PATCH", "/api/v1/anything", 404],
  ["POST", "/anything", 404],
  ["OPTIONS", "/webhook", 405],
] as const;

describe("a request that changes something", () => {
  for (const [page, headers, verdict] of pages) {
    it(`of ${page} is ${verdict}, with the right credentials`, async (t) => {
      let reloads = 0;
      const reload = async () => {
        reloads += 1;
        return { issues: 0 };
      };
      const { ask, taken } = await receiving(t, { auth: guarded, reload });

      for (const [method, path, status] of requests) {
        const answered = await ask(path, { method, headers: { ...right, ...headers } });
        assert.equal(answered.status, verdict === "open" ? status : 403, `${method} ${path}`);
        if (verdict === "refused") assert.match(answered.text, /^\{"error":"cross_site"/);
      }

      const done = [taken.length, reloads];
      assert.deepEqual(done, verdict === "open" ? [4, 2] : [0, 0]);
    });
  }

  it("that only reads is answered, whoever asks: a browser keeps the answer from other pages", async (t) => {
    const { ask } = await receiving(t, { auth: guarded });
    const headers = { ...right, "sec-fetch-site": "cross-site", origin: "http://evil.example" };

    const statuses = [];
    for (const path of ["/metrics", "/-/healthy", "/-/ready"]) {
      const { status, headers: given } = await ask(path, { method: "GET", headers });
      assert.equal(given["access-control-allow-origin"], undefined);
      statuses.push(status);
    }

    assert.deepEqual(statuses, [200, 200, 200]);
  });

  it("that only reads is refused when a page of another site embeds it: it costs this process something", async (t) => {
    const { ask } = await receiving(t, { auth: guarded });
    const sites = ["cross-site", "same-site", "same-origin", "none"];
    const statusOf = async (site: string, dest: string) => {
      const headers = { ...right, "sec-fetch-site": site, "sec-fetch-dest": dest };
      return (await ask("/metrics", { method: "GET", headers })).status;
    };

    const embedded = await Promise.all(sites.map((site) => statusOf(site, "image")));
    const framed = await Promise.all(sites.map((site) => statusOf(site, "iframe")));
    const followed = await Promise.all(sites.map((site) => statusOf(site, "document")));

    assert.deepEqual(embedded, [403, 403, 200, 200]);
    assert.deepEqual(framed, [403, 403, 200, 200]);
    assert.deepEqual(followed, [200, 200, 200, 200]);
  });

  it("is counted and logged when it is refused", async (t) => {
    const { ask, metrics, lines } = await receiving(t, { auth: guarded });
    const headers = { ...right, "sec-fetch-site": "cross-site" };

    for (const path of ["/webhook", "/webhook/bot/ops", "/-/reload"]) await ask(path, { headers, body: "x" });

    const text = await metrics.text();
    for (const hook of ["route", "bot", "admin"]) {
      assert.match(text, new RegExp(`auth_failures_total\\{hook="${hook}",reason="crossSite"\\} 1`));
    }
    assert.match(text, /webhook_requests_total\{source="unknown",code="403"\} 2/);
    assert.match(lines.join(""), /level=warn .*address=127\.0\.0\.1 hook=route reason=crossSite/);
  });
});

/** A name whose owner lets it lead here: for the browser the page and the service are of one origin. */
const rebound = { host: "evil.example:8060", origin: "http://evil.example:8060" };

test("a page of a rebound name can post nothing where nobody needs credentials, and has none where they are needed", async (t) => {
  const open = await receiving(t);
  const closed = await receiving(t, { auth: guarded });

  for (const headers of [rebound, { ...rebound, "sec-fetch-site": "same-origin" }]) {
    const statuses = [];
    for (const { ask } of [open, closed]) {
      for (const path of ["/webhook", "/webhook/bot/ops", "/-/reload"])
        statuses.push((await ask(path, { headers })).status);
    }
    assert.deepEqual(statuses, [403, 403, 403, 401, 401, 401]);
  }
  assert.deepEqual([...open.taken, ...closed.taken], []);
});

test("a sender may use any name where nobody needs credentials", async (t) => {
  const { ask, taken } = await receiving(t);

  for (const host of ["alertmanager-wecom.monitoring.svc:8060", "wecom", "10.0.0.1", "[::1]:8060"]) {
    assert.equal((await ask("/webhook", { headers: { host } })).status, 200);
  }
  const ownPage = { host: "10.0.0.1:8060", origin: "http://10.0.0.1:8060" };
  assert.equal((await ask("/webhook", { headers: ownPage })).status, 200);

  assert.equal(taken.length, 5);
});

describe("without credentials for it, this machine only is answered", () => {
  const local = { host: "127.0.0.1:8060" };
  const peers: readonly (readonly [string, boolean])[] = [
    ["127.0.0.1", true],
    ["::1", true],
    ["::ffff:127.0.0.1", true],
    ["127.0.0.6", false],
    ["127.0.0.10", false],
    ["::ffff:127.0.0.6", false],
    ["10.0.0.9", false],
    ["fe80::1", false],
    ["::ffff:10.0.0.9", false],
    ["", false],
  ];
  const heads: readonly (readonly [string, boolean, Headers, string?])[] = [
    ["this address", true, local],
    ["this address without a port", true, { host: "127.0.0.1" }],
    ["localhost", true, { host: "localhost:8060" }],
    ["localhost in capitals", true, { host: "LOCALHOST:8060" }],
    ["this address in IPv6", true, { host: "[::1]:8060" }],
    ["another name", false, { host: "rebind.evil.example:8060" }],
    ["a name that begins with localhost", false, { host: "localhost.evil.example" }],
    ["a name that ends with localhost", false, { host: "evil.localhost" }],
    ["an address that begins alike", false, { host: "127.0.0.1.evil.example" }],
    ["another address", false, { host: "192.168.1.5:8060" }],
    ["no name", false, {}],
    ["HTTP/1.0, as nginx asks by default", false, local, "1.0"],
    ...["forwarded", "via", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-real-ip"].map(
      (name) => [`a header ${name}`, false, { ...local, [name]: "1" }] as const,
    ),
    ...["x-envoy-external-address", "x-original-forwarded-for", "cf-connecting-ip", "true-client-ip"].map(
      (name) => [`a header ${name}`, false, { ...local, [name]: "1" }] as const,
    ),
  ];
  const isLocal = (remoteAddress: string, headers: Headers, httpVersion = "1.1") =>
    isOfThisMachine({ socket: { remoteAddress }, headers, httpVersion } as unknown as IncomingMessage);

  it("by the address of the peer", () => {
    for (const [peer, expected] of peers) assert.equal(isLocal(peer, local), expected, peer);
  });

  it("by the name in the request, and only without a proxy in between", () => {
    for (const [what, expected, headers, version] of heads) {
      assert.equal(isLocal("127.0.0.1", headers, version), expected, what);
    }
  });

  const asked = [
    ["POST", "/-/reload", 200],
    ["GET", "/api/v1/anything", 404],
    ["POST", "/api/v1/anything", 404],
  ] as const;
  for (const [method, path, status] of asked) {
    it(`${method} ${path}; everybody with them`, async (t) => {
      const open = await receiving(t);
      const closed = await receiving(t, { auth: guarded });
      const far = { "x-forwarded-for": "10.0.0.9" };

      const near = await open.ask(path, { method });
      const refused = await open.ask(path, { method, headers: far });
      const authenticated = await closed.ask(path, { method, headers: { ...far, ...right } });
      const unauthenticated = await closed.ask(path, { method });

      const statuses = [near, refused, authenticated, unauthenticated].map((answered) => answered.status);
      assert.deepEqual(statuses, [status, 403, status, 401]);
      assert.match(refused.text, /^\{"error":"not_local"/);
    });
  }

  it("but /metrics and probes answer everybody", async (t) => {
    const { ask } = await receiving(t);
    const headers = { host: "wecom.monitoring.svc", "x-forwarded-for": "10.0.0.9" };

    for (const path of ["/metrics", "/-/healthy", "/-/ready"]) {
      assert.equal((await ask(path, { method: "GET", headers })).status, 200, path);
    }
  });
});
