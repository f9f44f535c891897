// The pages of the whole service, as a browser asks for them.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { consoleOf } from "./visiting.ts";

/** bcrypt of `right`. */
const passwordHash = "$2b$04$Dm5y7ctqqUm7P3B4s0kXCew.o.ZW1vC1wNTj/H2k6KBcbzaJOtgmu";
const admin = "admin: [ { bearer: { token: a-token } } ]";
const viewer = `viewer: [ { basic: { username: 值班, password_hash: "${passwordHash}" } } ]`;
const guarded = `route: { bot: ops }\nauth: { ${admin}, ${viewer} }`;

describe("the pages", () => {
  it("speak the reader's language, or else that of the config", async (t) => {
    const { ask } = await consoleOf(t, "route: { bot: ops }");

    const [en, zh, other] = [
      await ask("/"),
      await ask("/", { language: "zh-CN,zh;q=0.9,en;q=0.8" }),
      await ask("/", { language: "fr" }),
    ];

    assert.match(en.text, /<html lang="en">[\s\S]*<h1>Overview<\/h1>/u);
    assert.match(zh.text, /<html lang="zh-CN">[\s\S]*<h1>总览<\/h1>/u);
    assert.match(other.text, /<html lang="zh-CN">/u);
  });

  it("allow no script, style or form target but their own", async (t) => {
    const { ask } = await consoleOf(t, "route: { bot: ops }");

    const page = await ask("/");
    const addresses = [...page.text.matchAll(/(?:href|src)="\.\/(assets\/[^"]+)"/gu)].map(([, path]) => `/${path}`);
    const assets = await Promise.all(addresses.map((path) => ask(path)));

    assert.match(
      page.headers.get("content-security-policy") ?? "",
      /^default-src 'none'; style-src 'self'; script-src 'self';/u,
    );
    assert.doesNotMatch(page.text, /<script>|<style|\sstyle=|\son\w+=/u);
    assert.deepEqual(
      assets.map(({ status, headers }) => [status, headers.get("content-type")]),
      [
        [200, "text/css; charset=utf-8"],
        [200, "text/javascript; charset=utf-8"],
        [200, "text/javascript; charset=utf-8"],
      ],
    );
  });

  it("are not found at other addresses, and cannot be posted to", async (t) => {
    const { ask } = await consoleOf(t, "route: { bot: ops }");

    assert.deepEqual([(await ask("/nothing")).status, (await ask("/", { form: {} })).status], [404, 404]);
  });

  it("without credentials in the config need no log-in on this machine", async (t) => {
    const { ask } = await consoleOf(t, "route: { bot: ops }");

    assert.deepEqual([(await ask("/")).status, (await ask("/login")).status], [200, 404]);
  });
});

describe("without credentials in the config", () => {
  const far = { "x-forwarded-for": "10.0.0.9" };

  it("the pages and their buttons answer this machine only", async (t) => {
    const { ask } = await consoleOf(t, "route: { bot: ops }");

    const pages = ["/", "/refused", "/refused/1", "/routing", "/playground", "/config"];
    const buttons = [
      "/refused",
      "/playground",
      "/playground/download",
      "/config/reload",
      "/bots/ops/test",
      "/bots/ops/try-now",
    ];
    const statuses = [
      ...(await Promise.all(pages.map((path) => ask(path, { headers: far })))),
      ...(await Promise.all(buttons.map((path) => ask(path, { form: {}, headers: far })))),
    ].map(({ status }) => status);

    assert.deepEqual([...new Set(statuses)], [403]);
  });

  it("for administrators, those of viewers are asked for elsewhere", async (t) => {
    const { ask } = await consoleOf(t, `route: { bot: ops }\nauth: { ${viewer} }`);

    const anonymous = await ask("/config", { headers: far });
    const { session: cookie } = await ask("/login", { form: { username: "值班", password: "right" }, headers: far });

    assert.equal(anonymous.to, "./login?next=%2Fconfig");
    assert.equal((await ask("/config", { cookie, headers: far })).status, 200);
    assert.equal((await ask("/config/reload", { cookie, headers: far, form: {} })).status, 403);
  });
});

describe("a page of another site", () => {
  it("cannot press a button with a reader's session, nor log a reader in", async (t) => {
    const { ask } = await consoleOf(t, guarded);
    const { session: cookie } = await ask("/login", { form: { username: "", password: "a-token" } });
    const headers = { origin: "http://evil.example", "sec-fetch-site": "cross-site" };

    const pressed = await ask("/config/reload", { cookie, headers, form: {} });
    const entered = await ask("/login", { headers, form: { username: "", password: "a-token" } });

    assert.deepEqual([pressed.status, entered.status, entered.session], [403, 403, ""]);
  });
});

describe("the log-in page", () => {
  it("is where a reader without credentials is sent, and leads back", async (t) => {
    const { ask } = await consoleOf(t, guarded);

    const sent = await ask("/config?a=b");
    const form = await ask(`/${sent.to?.slice(2)}`);
    const entered = await ask("/login", { form: { username: "", password: "a-token", next: "/config?a=b" } });
    const page = await ask("/config?a=b", { cookie: entered.session });

    assert.deepEqual([sent.status, sent.to], [303, "./login?next=%2Fconfig%3Fa%3Db"]);
    assert.match(form.text, /name="next" value="\/config\?a&#x3D;b"/u);
    assert.deepEqual([entered.status, entered.to], [303, "./config?a=b"]);
    assert.match(page.text, /action="\.\/config\/reload"/u);
  });

  it("refuses wrong credentials, and says so in the reader's language", async (t) => {
    const { ask } = await consoleOf(t, guarded);

    const wrong = [
      await ask("/login", { form: { username: "值班", password: "wrong" } }),
      await ask("/login", { form: { username: "nobody", password: "right" } }),
      await ask("/login", { form: { username: "", password: "right" } }),
      await ask("/login", { form: { username: "值班", password: "a-token" } }),
      await ask("/login", { form: {} }),
    ];

    for (const { status, session, text } of wrong) {
      assert.deepEqual([status, session], [401, ""]);
      assert.match(text, /The user name, password or token is wrong/u);
    }
  });

  it("lets a viewer read and nothing else", async (t) => {
    const { ask, stack } = await consoleOf(t, guarded);
    const { session: cookie } = await ask("/login", { form: { username: "值班", password: "right" } });

    const page = await ask("/config", { cookie });
    const acted = await ask("/config/reload", { cookie, form: {} });
    const api = await fetch(`${stack.origin}/-/reload`, { method: "POST", headers: { cookie } });

    assert.equal(page.status, 200);
    assert.doesNotMatch(page.text, /config\/reload/u);
    assert.deepEqual([acted.status, api.status], [403, 401]);
  });

  it("opens a session that counts on every replica, until the reader logs out", async (t) => {
    const [one, other] = [await consoleOf(t, guarded), await consoleOf(t, guarded)];
    const { session: cookie } = await one.ask("/login", { form: { username: "", password: "a-token" } });

    const there = await other.ask("/", { cookie });
    const ended = await one.ask("/logout", { cookie, form: {} });

    assert.equal(there.status, 200);
    assert.deepEqual([ended.to, ended.session], ["./login", "alertmanager_wecom_session="]);
  });

  for (const next of [
    "//evil.example",
    "/\\evil.example",
    "https://evil.example/",
    "\\\\evil.example",
    "javascript:x",
    "/\t/evil.example",
    "",
  ]) {
    it(`leads to no other site: ${JSON.stringify(next)}`, async (t) => {
      const { ask } = await consoleOf(t, guarded);

      const entered = await ask("/login", { form: { username: "", password: "a-token", next } });

      assert.equal(entered.to, "./");
    });
  }

  it("is not needed with credentials in the request, which a page of a browser cannot be asked for twice", async (t) => {
    const { ask } = await consoleOf(t, guarded);

    const right = await ask("/", { headers: { authorization: "Bearer a-token" } });
    const wrong = await ask("/", { headers: { authorization: "Bearer another" } });
    const program = await ask("/", { headers: { accept: "*/*" } });

    assert.deepEqual([right.status, wrong.status, program.status], [200, 401, 401]);
  });
});

describe("the page of the config", () => {
  it("shows what runs, without a secret", async (t) => {
    const { ask, stack } = await consoleOf(t, `${guarded}\noutbox: { retention: 3d }`);
    const { session: cookie } = await ask("/login", { form: { username: "", password: "a-token" } });

    const { text } = await ask("/config", { cookie });

    assert.match(text, /retention: 3d/u);
    assert.match(text, /token|credentials: &lt;secret&gt;/u);
    for (const secret of ["a-token", passwordHash, ...stack.keys.values()]) assert.ok(!text.includes(secret), secret);
  });

  it("shows the issues of a config that was not loaded, until one is", async (t) => {
    const { ask, stack } = await consoleOf(t, "route: { bot: ops }");

    await stack.reload({ config: "route: { bot: nobody }" });
    const refused = await ask("/config");
    await stack.reload({ config: "route: { bot: ops, urgent: true }" });
    const reloaded = await ask("/config/reload", { form: {} });
    const running = await ask(`/config${reloaded.to?.slice("../config".length)}`);

    assert.match(refused.text, /has an issue and was not loaded[\s\S]*unknown bot &quot;nobody&quot;/u);
    assert.equal(reloaded.to, "../config?reloaded");
    assert.match(running.text, /The config was reloaded/u);
    assert.doesNotMatch(running.text, /was not loaded/u);
  });
});
