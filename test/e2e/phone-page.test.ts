// From an alert in a real Alertmanager to a silence in it, by the thumb of a reader: the link in the message, opened in Chromium at
// 390 px. Only WeCom is simulated. What pages of other sites and altered links can do is nothing.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Browser, Page } from "playwright-core";
import { readLinkToken, signToken } from "../../src/actions/token.ts";
import { linkKeys } from "../../src/config/links.ts";
import { Secret } from "../../src/config/secret.ts";
import { openBrowser } from "../support/browser.ts";
import { eventually, type Stack, startStack } from "../support/stack.ts";
import { type Alertmanager, startAlertmanager } from "./alertmanager/alertmanager.ts";
import { findTools } from "./alertmanager/tools.ts";

type Labels = Readonly<Record<string, string>>;

interface AlertmanagerSilence {
  readonly matchers: readonly {
    readonly name: string;
    readonly value: string;
    readonly isRegex: boolean;
    readonly isEqual: boolean;
  }[];
  readonly createdBy: string;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly status: { readonly state: string };
}

const secret = "a secret of links that nobody guesses";
const bots = ["ops"];
const seen: string[] = [];
after(() => console.log(["", "seen:", ...seen.map((line) => `  ${line}`), ""].join("\n")));

let browser: Browser;
let alertmanager: Alertmanager;
let stack: Stack;
const folder = mkdtempSync(join(tmpdir(), "alertmanager-wecom-phone-"));
const other = createServer((_req, res) => res.setHeader("Content-Type", "text/html").end("another site"));

function config(alertmanagers: string): string {
  return `route: { bot: ops, group: per_alert }
external_url: https://alerts.example.cn
people: { 张三: { userid: zhangsan }, 李四: { userid: lisi } }
links: { secret: "${secret}" }
alertmanagers: { ${alertmanagers} }
silence: { scopes: [alert, instance], never: ['alertname=~"Watch.*"', 'alertname!="队列积压",tier="1",team=~"d.*"'] }
`;
}

before(async () => {
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  stack = await startStack({ bots, config: config("") });
  alertmanager = await startAlertmanager({
    command: findTools().alertmanager,
    folder,
    peers: null,
    config: `route: { receiver: wecom, group_by: [alertname], group_wait: 0s, group_interval: 1s, repeat_interval: 1h }
receivers: [{ name: wecom, webhook_configs: [{ url: "${stack.origin}/webhook" }] }]
`,
  });
  const { origin } = alertmanager;
  assert.equal(
    await stack.reload({ config: config(`prod: { external_urls: ["${origin}"], urls: ["${origin}"] }`) }),
    0,
  );
  browser = await openBrowser({ "*.example": "127.0.0.1", "*.intranet": "127.0.0.1" });
});
after(async () => {
  await browser?.close();
  await alertmanager?.stop();
  await stack?.stop();
  other.close();
  rmSync(folder, { recursive: true, force: true });
});

async function fire(labels: Labels): Promise<void> {
  const alert = { labels, annotations: { summary: "积压 120" }, startsAt: new Date().toISOString() };
  const answer = await fetch(`${alertmanager.origin}/api/v2/alerts`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify([alert]),
  });
  assert.equal(answer.status, 200);
}

function messages(text: string): readonly string[] {
  return stack.simulator
    .accepted()
    .map(({ body }) => JSON.stringify(body))
    .filter((body) => body.includes(text));
}

/** The path of the link in the message that shows this text. */
async function linkIn(text: string): Promise<string> {
  await eventually("the message is delivered", () => messages(text).length > 0);
  return /alerts\.example\.cn(\/a\/[\w-]+)/u.exec(messages(text)[0] ?? "")?.[1] ?? assert.fail(messages(text)[0]);
}

async function silences(): Promise<readonly AlertmanagerSilence[]> {
  return (await fetch(`${alertmanager.origin}/api/v2/silences`)).json() as Promise<readonly AlertmanagerSilence[]>;
}

async function openPage(path: string): Promise<Page> {
  const context = await browser.newContext({
    baseURL: stack.origin,
    viewport: { width: 390, height: 844 },
    locale: "zh-CN",
    hasTouch: true,
  });
  const page = await context.newPage();
  await page.goto(path);
  return page;
}

const labels = { alertname: "队列积压", queue: 'orders "α" \\ <b>', severity: "critical" };

describe("a reader with a phone", () => {
  it("silences an alert in Alertmanager, with exactly its labels, and the group gets a message", async () => {
    await fire(labels);
    await fire({ ...labels, queue: "mail" });
    const page = await openPage(await linkIn("orders"));
    const before = await silences();

    await page.selectOption("select", "张三");
    const beganAt = performance.now();
    await page.locator("button[value='3600000']").tap();
    await page.getByRole("status").waitFor();
    seen.push(`from the tap to the page that says it is silenced: ${Math.round(performance.now() - beganAt)} ms`);
    await eventually("the group gets a message", () => messages("张三（自称） 已静默 队列积压").length > 0);

    const [silence = assert.fail(), ...more] = await silences();
    assert.deepEqual([before, more], [[], []]);
    assert.deepEqual(Object.fromEntries(silence.matchers.map(({ name, value }) => [name, value])), labels);
    assert.ok(silence.matchers.every(({ isRegex, isEqual }) => isEqual && !isRegex));
    assert.deepEqual([silence.createdBy, silence.status.state], ["张三（自称）", "active"]);
    assert.ok(Math.abs(Date.parse(silence.endsAt) - Date.now() - 3_600_000) < 30_000);
    assert.match(await page.innerText("main"), /🔕 已静默[\s\S]*已静默至 [\d:]+，张三（自称）[\s\S]*当前匹配 1 条/u);
    await page.context().close();
  });

  it("silences an instance, and never what the config protects, now or later", async () => {
    const instance = "db-9:9187";
    await fire({ alertname: "DiskFull", instance, tier: "1", team: "web" });
    await fire({ alertname: "Watchdog", instance });
    const page = await openPage(await linkIn("DiskFull"));
    const shown = await page.innerText("form");

    await page.selectOption("select", "张三");
    await page.locator("input[value='instance']").check();
    await page.locator("button[value='3600000']").tap();
    await page.getByRole("status").waitFor();
    await page.context().close();
    for (const labels of [
      { alertname: "WatchTower", instance },
      { alertname: "CpuHot", instance, tier: "1", team: "dba" },
      { alertname: "CpuHot", instance, tier: "1", team: "web" },
    ]) {
      await fire(labels);
    }

    const ofInstance = `${alertmanager.origin}/api/v2/alerts?filter=${encodeURIComponent(`instance="${instance}"`)}`;
    const alerts = (await (await fetch(ofInstance)).json()) as readonly {
      readonly labels: Labels;
      readonly status: { readonly state: string };
    }[];
    const silenced = alerts.filter(({ status }) => status.state === "suppressed").map(({ labels }) => labels);
    assert.match(shown, /当前匹配 1 条\s+不含 alertname=~"Watch\.\*", team=~"d\.\*"/u);
    assert.equal(alerts.length, 5);
    assert.deepEqual(silenced.map(({ alertname, team }) => `${alertname} ${team}`).sort(), [
      "CpuHot web",
      "DiskFull web",
    ]);
  });

  it("acts over plain HTTP off loopback too, where browsers send only Origin", async () => {
    await fire({ alertname: "PlainHttp" });
    const page = await openPage(`${stack.origin.replace("127.0.0.1", "wecom.intranet")}${await linkIn("PlainHttp")}`);

    await page.selectOption("select", "李四");
    const [request] = await Promise.all([
      page.waitForRequest((one) => one.method() === "POST"),
      page.locator("button[value='3600000']").tap(),
    ]);
    await page.getByRole("status").waitFor();
    const headers = await request.allHeaders();
    await page.context().close();

    assert.deepEqual([headers["sec-fetch-site"], headers.origin], [undefined, new URL(request.url()).origin]);
    assert.ok((await silences()).some(({ matchers }) => matchers.some(({ value }) => value === "PlainHttp")));
  });

  it("says that he works on it, and nothing is silenced", async () => {
    await fire({ alertname: "磁盘将满", instance: "db-1" });
    const page = await openPage(await linkIn("磁盘将满"));
    const { length } = await silences();

    await page.selectOption("select", "李四");
    await page.locator("button.main").tap();
    await page.getByRole("status").waitFor();
    await eventually("the group gets a message", () => messages("李四（自称） 在处理 磁盘将满").length > 0);

    assert.equal((await silences()).length, length);
    assert.match(await page.innerText(".facts"), /李四（自称） 从 [\d:]+ 起在处理/u);
    await page.context().close();
  });
});

describe("nothing is silenced by", () => {
  it("a link that was altered, or has expired", async () => {
    await fire({ alertname: "NobodysLink" });
    const path = await linkIn("NobodysLink");
    const [key = assert.fail()] = linkKeys({
      secrets: [new Secret(secret)],
      validMs: 0,
      userHeader: null,
      trustedProxies: [],
    });
    const link = readLinkToken([key], path.slice(3), Date.now()) ?? assert.fail();
    const { length } = await silences();

    const wrong = [
      path.replace(/.$/u, (last) => (last === "A" ? "B" : "A")),
      `/a/${signToken(key, { ...link, expiresAt: Date.now() - 1_000 })}`,
    ];
    const statuses = await Promise.all(
      wrong.flatMap((one) => {
        const body = new URLSearchParams({ act: "3600000", scope: "alert", name: "x" });
        return [fetch(stack.origin + one), fetch(stack.origin + one, { method: "POST", body })];
      }),
    );

    assert.deepEqual(
      statuses.map(({ status }) => status),
      [404, 404, 404, 404],
    );
    assert.equal((await silences()).length, length);
  });

  it("a page of another site that knows the link, and its reader's browser", async () => {
    await fire({ alertname: "CrossSite" });
    const path = await linkIn("CrossSite");
    const { length } = await silences();
    const page = await openPage(path);
    await page.goto(`http://evil.example:${(other.address() as AddressInfo).port}/`);

    const [answer] = await Promise.all([
      page.waitForResponse((response) => response.url().includes(path)),
      page.evaluate(`{
        document.body.innerHTML = "<form method=post><input name=act value=3600000><input name=scope value=alert><input name=name value=x></form>";
        document.forms[0].action = ${JSON.stringify(stack.origin + path)};
        document.forms[0].submit();
      }`),
    ]);

    assert.equal(answer.status(), 403);
    assert.equal((await silences()).length, length);
    await page.context().close();
  });

  it("a forged webhook about an alert that Alertmanager does not have", async () => {
    const forged = { labels: { alertname: "Forged" }, startsAt: new Date().toISOString() };
    await stack.post({ version: "4", groupKey: "x", externalURL: alertmanager.origin, alerts: [forged] });
    const page = await openPage(await linkIn("Forged"));

    const text = await page.innerText("main");
    await page.context().close();

    assert.match(text, /Alertmanager 里已没有这条告警/u);
    assert.doesNotMatch(text, /静默范围/u);
  });
});
