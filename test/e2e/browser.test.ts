// What pages can make a reader's browser do to the service, with Chromium: those of another origin nothing, also after the reader has
// logged in. Chromium sends Sec-Fetch-Site to loopback addresses, and only Origin to `wecom.intranet` (plain HTTP off loopback).

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, describe, it } from "node:test";
import bcrypt from "bcryptjs";
import type { Browser, Page, Request } from "playwright-core";
import { Secret } from "../../src/config/secret.ts";
import { plainWeb } from "../../src/config/web-config.ts";
import { openBrowser } from "../support/browser.ts";
import { type Stack, startStack } from "../support/stack.ts";

const user = { username: "operator", password: "right" };
const passwordHash = new Secret(bcrypt.hashSync(user.password, 4));
const web = { ...plainWeb, users: [{ kind: "basic", username: user.username, passwordHash } as const] };

const hosts = ["127.0.0.1", "localhost", "wecom.intranet"];
const json = { "Content-Type": "application/json" };

/** Posts to the service, as expressions that a page runs. */
const posts: Readonly<Record<string, (service: string) => string>> = {
  "an alert": (service) => posting(`${service}/webhook`, { body: alertOf("plain") }),
  "an alert to a bot": (service) => posting(`${service}/webhook/bot/ops`, { body: alertOf("bot") }),
  "an alert as JSON": (service) =>
    posting(`${service}/webhook`, { mode: "cors", headers: json, body: alertOf("json") }),
  "an alert as a form": (service) => `{
    document.body.innerHTML = "<form method=post enctype=text/plain><input type=hidden></form>";
    const [form] = document.forms;
    form.action = ${JSON.stringify(`${service}/webhook`)};
    [form[0].name, form[0].value] = ${JSON.stringify([`${alertOf("form").slice(0, -1)},"x":"`, '"}'])};
    form.submit();
  }`,
  "a reload": (service) => posting(`${service}/-/reload`, {}),
  "a drop": (service) => posting(`${service}/api/v1/dead/drop`, { mode: "cors", headers: json, body: '{"ids":[1]}' }),
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
let [open, guarded]: Stack[] = [];

before(async () => {
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  [open, guarded] = await Promise.all([startStack(), startStack({ web })]);
  browser = await openBrowser({ "*.intranet": "127.0.0.1", "*.example": "127.0.0.1" });
});
after(async () => {
  await browser?.close();
  await Promise.all([open?.stop(), guarded?.stop()]);
  other.close();
});

/** How many posts took effect so far. */
async function effects({ origin, log }: Stack): Promise<number> {
  const headers = { authorization: `Basic ${btoa(`${user.username}:${user.password}`)}` };
  const metrics = await (await fetch(`${origin}/metrics`, { headers })).text();
  const accepted = /webhook_requests_total\{source="alertmanager",code="200"\} (\d+)/.exec(metrics)?.[1];
  const logged = log.filter((line) => /config reloaded|operator dropped dead deliveries/.test(line));
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

interface Visit {
  readonly stack: Stack;
  readonly host: string;
  /** Where the page is that posts. */
  readonly from: string;
}

/** The posts that took effect. */
async function postFrom(page: Page, { stack, host, from }: Visit): Promise<readonly string[]> {
  const successful: string[] = [];
  for (const [what, post] of Object.entries(posts)) {
    const before = await effects(stack);
    await page.goto(from);
    const isPost = { predicate: (request: Request) => request.method() === "POST" };
    const ended = Promise.race([
      page.waitForEvent("requestfinished", isPost),
      page.waitForEvent("requestfailed", isPost),
    ]);
    await page.evaluate(post(originOf(stack, host)));
    await ended;
    if ((await effects(stack)) > before) successful.push(what);
  }
  return successful;
}

describe("a page of the service itself", () => {
  for (const host of hosts) {
    it(`of ${host} may post everything once its reader has logged in`, async () => {
      const stack = guarded as Stack;
      const page = await readerOf(originOf(stack, host));

      const successful = await postFrom(page, { stack, host, from: `${originOf(stack, host)}/-/healthy` });
      await page.context().close();

      assert.deepEqual(successful, Object.keys(posts));
    });
  }
});
