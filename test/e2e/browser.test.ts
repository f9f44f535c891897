// What pages can make a reader's browser do to the service, with Chromium: those of another origin nothing, also after the reader has
// logged in. Chromium sends Sec-Fetch-Site to loopback addresses, and only Origin to `wecom.intranet` (plain HTTP off loopback).

import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { networkInterfaces } from "node:os";
import { after, before, describe, it, test } from "node:test";
import bcrypt from "bcryptjs";
import type { Browser, Page, Request } from "playwright-core";
import { Secret } from "../../src/config/secret.ts";
import { plainWeb } from "../../src/config/web-config.ts";
import { openBrowser } from "../support/browser.ts";
import { type Stack, startStack } from "../support/stack.ts";

const user = { username: "operator", password: "right" };
const passwordHash = new Secret(bcrypt.hashSync(user.password, 4));
const web = { ...plainWeb, users: [{ kind: "basic", username: user.username, passwordHash } as const] };

/** Of this machine, beside loopback. */
const ownAddresses = Object.values(networkInterfaces()).flatMap((addresses = []) =>
  addresses.filter(({ internal, family }) => !internal && family === "IPv4").map(({ address }) => address),
);
const hosts = ["127.0.0.1", "localhost", "wecom.intranet", ...ownAddresses.slice(0, 1)];
const json = { "Content-Type": "application/json" };

/** Posts to the service, as expressions that a page runs. */
const posts: Readonly<Record<string, (service: string) => string>> = {
  "an alert": (service) => posting(`${service}/webhook`, { body: alertOf("plain") }),
  "an alert to a bot": (service) => posting(`${service}/webhook/bot/ops`, { body: alertOf("bot") }),
  "an alert as JSON": (service) =>
    posting(`${service}/webhook`, { mode: "cors", headers: json, body: alertOf("json") }),
  "an alert as a form": (service) => `{
    document.body.innerHTML =
      "<iframe name=answer></iframe><form method=post enctype=text/plain target=answer><input type=hidden></form>";
    const [form] = document.forms;
    form.action = ${JSON.stringify(`${service}/webhook`)};
    [form[0].name, form[0].value] = ${JSON.stringify([`${alertOf("form").slice(0, -1)},"x":"`, '"}'])};
    form.submit();
  }`,
  "a reload": (service) => posting(`${service}/-/reload`, {}),
  "a drop": (service) => posting(`${service}/api/v1/dead/drop`, { mode: "cors", headers: json, body: '{"ids":[1]}' }),
  "a try": (service) => posting(`${service}/api/v1/try-now`, { mode: "cors", headers: json, body: "{}" }),
};

/** A new alert each time: a copy would be a duplicate. */
function alertOf(name: string): string {
  return JSON.stringify({ alerts: [{ labels: { alertname: name, id: crypto.randomUUID() } }] });
}

/** A page cannot see why a request failed. */
function posting(url: string, init: Readonly<Record<string, unknown>>): string {
  const options = JSON.stringify({ method: "POST", mode: "no-cors", credentials: "include", ...init });
  return `fetch(${JSON.stringify(url)}, ${options}).catch(() => {})`;
}

let browser: Browser;
const other = createServer((_req, res) => res.setHeader("Content-Type", "text/html").end("another site"));
let [open, guarded, behindLogIn]: Stack[] = [];

before(async () => {
  await new Promise<void>((resolve) => other.listen(0, resolve));
  const config = "route: { bot: ops }\nauth: { admin: [{ bearer: { token: a-token } }] }";
  [open, guarded, behindLogIn] = await Promise.all([
    startStack({ everywhere: true }),
    startStack({ everywhere: true, web }),
    startStack({ everywhere: true, config }),
  ]);
  browser = await openBrowser({ "*.intranet": "127.0.0.1", "*.example": "127.0.0.1" });
});
after(async () => {
  await browser?.close();
  await Promise.all([open?.stop(), guarded?.stop(), behindLogIn?.stop()]);
  other.close();
});

/** How many posts took effect so far. */
async function effects({ origin, log }: Stack): Promise<number> {
  const headers = { authorization: `Basic ${btoa(`${user.username}:${user.password}`)}` };
  const metrics = await (await fetch(`${origin}/metrics`, { headers })).text();
  const accepted = /webhook_requests_total\{source="alertmanager",code="200"\} (\d+)/.exec(metrics)?.[1];
  const logged = log.filter((line) =>
    /config reloaded|operator (?:dropped dead deliveries|asked to try again now)/.test(line),
  );
  return Number(accepted ?? Number.NaN) + logged.length;
}

function originOf(stack: Stack, host: string): string {
  return stack.origin.replace("127.0.0.1", host);
}

/** Has read the status page: the browser knows the password from then on. */
async function readerOf(service: string): Promise<Page> {
  const page = await browser.newPage({ httpCredentials: user });
  await page.goto(service);
  return page;
}

/** The posts of `page` to `service` that took effect. */
async function effectsOf(page: Page, stack: Stack, service: string): Promise<readonly string[]> {
  const successful: string[] = [];
  const from = page.url();
  for (const [what, post] of Object.entries(posts)) {
    const before = await effects(stack);
    await page.goto(from);
    await ended(page, () => page.evaluate(post(service)));
    if ((await effects(stack)) > before) successful.push(what);
  }
  return successful;
}

/** Waits for the answers to as many POST requests as `act` makes. */
async function ended(page: Page, act: () => Promise<unknown>, requests = 1): Promise<void> {
  let open = requests;
  const all = new Promise<void>((resolve) => {
    const end = (request: Request) => {
      if (request.method() !== "POST") return;
      open -= 1;
      if (open === 0) resolve();
    };
    page.on("requestfinished", end).on("requestfailed", end);
  });
  await act();
  await all;
}

describe("a page of the service itself", () => {
  for (const host of hosts) {
    it(`of ${host} may post everything once its reader has logged in`, async () => {
      const stack = guarded as Stack;
      const service = originOf(stack, host);
      const page = await readerOf(service);
      await page.goto(`${service}/-/healthy`);

      const successful = await effectsOf(page, stack, service);
      await page.context().close();

      assert.deepEqual(successful, Object.keys(posts));
    });
  }
});

describe("a page of another origin", () => {
  /** At once: each refusal is answered later than the one before. */
  const postAll = async (page: Page, service: string) => {
    const expressions = Object.values(posts).map((post) => post(service));
    await ended(page, () => page.evaluate(`{ ${expressions.join(";\n")} }`), expressions.length);
  };

  for (const host of hosts) {
    it(`can post nothing to ${host}, before and after its reader has logged in`, async () => {
      for (const stack of [open as Stack, guarded as Stack]) {
        const service = originOf(stack, host);
        const page = await readerOf(stack === guarded ? service : "about:blank");
        const before = await effects(stack);
        for (const from of ["evil.example", "127.0.0.1"]) {
          await page.goto(`http://${from}:${(other.address() as AddressInfo).port}/`);
          await postAll(page, service);
        }
        await page.context().close();

        assert.equal(await effects(stack), before);
      }
    });
  }

  it("can post nothing and read no alert when its name leads to the service (DNS rebinding)", async () => {
    const stack = open as Stack;
    const service = originOf(stack, "rebind.example");
    const before = await effects(stack);
    const page = await browser.newPage();
    await page.goto(`${service}/-/healthy`);

    const reads = ["/", "/api/v1/dead", "/api/v1/status"].map(
      (path) => `fetch("${path}").then(({ status }) => status)`,
    );
    const statuses = await page.evaluate(`Promise.all([${reads}])`);
    await postAll(page, service);
    await page.context().close();

    assert.deepEqual([statuses, await effects(stack)], [[403, 403, 403], before]);
  });
});

/** What buttons of the console post, by path. */
const buttons: Readonly<Record<string, string>> = {
  "/config/reload": "",
  "/bots/ops/try-now": "",
  "/bots/ops/test": "",
  "/refused": "act=drop&id=1",
  "/logout": "",
};

/** Into a frame, so that the page stays. */
const submitting = (url: string) => `{
  const form = document.body.appendChild(document.createElement("form"));
  Object.assign(form, { method: "post", action: ${JSON.stringify(url)}, target: "answer" });
  form.submit();
}`;

describe("a reader who logged in on the page", () => {
  const pressed = ({ log }: Stack) => log.filter((line) => /config reloaded|msg="?operator /.test(line)).length;

  async function loggedIn(service: string): Promise<Page> {
    const page = await browser.newPage();
    await page.goto(`${service}/config`);
    await page.fill("[name=password]", "a-token");
    await page.keyboard.press("Enter");
    await page.waitForURL(`${service}/config`);
    return page;
  }

  /** All at once with scripts, and one with a form. */
  async function pressAll(page: Page, from: string, service: string): Promise<void> {
    await page.goto(from);
    await page.evaluate(`document.body.innerHTML = "<iframe name=answer></iframe>"`);
    const posted = Object.entries(buttons).map(([path, fields]) =>
      posting(`${service}${path}`, { body: fields, headers: urlencoded }),
    );
    await ended(page, () => page.evaluate(submitting(`${service}/bots/ops/try-now`)));
    await ended(page, () => page.evaluate(`{ ${posted.join(";\n")} }`), posted.length);
  }

  const urlencoded = { "Content-Type": "application/x-www-form-urlencoded" };

  for (const host of hosts) {
    it(`of ${host} presses no button and stays logged in, whatever pages of other origins do`, async () => {
      const stack = behindLogIn as Stack;
      const service = originOf(stack, host);
      const page = await loggedIn(service);
      const before = pressed(stack);

      for (const from of ["evil.example", host]) {
        await pressAll(page, `http://${from}:${(other.address() as AddressInfo).port}/`, service);
      }
      const after = pressed(stack);
      await page.goto(`${service}/config`);
      const stays = page.url();
      await pressAll(page, `${service}/-/healthy`, service);
      const own = pressed(stack) - after;
      await page.goto(`${service}/config`);
      const ends = page.url();
      await page.context().close();

      assert.deepEqual([after, stays], [before, `${service}/config`]);
      assert.deepEqual([own > 4, ends], [true, `${service}/login?next=%2Fconfig`]);
    });
  }

  it("is led to no other site by an address that somebody gave him", async () => {
    const service = (behindLogIn as Stack).origin;
    const next = [
      "//evil.example",
      "/\\evil.example",
      "https://evil.example",
      "/..//evil.example",
      "/%2f/evil.example",
    ];
    for (const text of next) {
      const page = await browser.newPage();
      await page.goto(`${service}/login?next=${encodeURIComponent(text)}`);
      await page.fill("[name=password]", "a-token");
      await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
      assert.equal(new URL(page.url()).origin, service, text);
      await page.context().close();
    }
  });

  it("gives his session to no script and no request of another site", async () => {
    const service = (behindLogIn as Stack).origin;
    const page = await loggedIn(service);
    const [cookie] = await page.context().cookies();

    assert.equal(await page.evaluate("document.cookie"), "");
    assert.deepEqual([cookie?.httpOnly, cookie?.sameSite], [true, "Lax"]);
    await page.context().close();
  });

  it("sees no page of the service inside another", async () => {
    const service = (open as Stack).origin;
    const page = await browser.newPage();
    await page.goto(`http://evil.example:${(other.address() as AddressInfo).port}/`);
    await page.evaluate(`new Promise((resolve) => {
      const frame = document.createElement("iframe");
      frame.onload = resolve;
      frame.src = ${JSON.stringify(service)};
      document.body.append(frame);
    })`);
    const texts = await Promise.all(page.frames().map((frame) => frame.locator("h1").count()));
    await page.context().close();

    assert.deepEqual(texts, [0, 0]);
  });
});

for (const address of ownAddresses) {
  test(`${address} is not this machine's loopback: without credentials nothing is shown or changed there`, async () => {
    const service = originOf(open as Stack, address);

    const read = ["/", "/api/v1/status", "/api/v1/dead"].map((path) => fetch(`${service}${path}`));
    const changed = ["/-/reload", "/api/v1/dead/drop"].map((path) => fetch(`${service}${path}`, { method: "POST" }));
    const statuses = (await Promise.all([...read, ...changed])).map(({ status }) => status);

    assert.deepEqual(statuses, [403, 403, 403, 403, 403]);
  });
}
