// Every page of the console as people see it: on a phone and a desk, light and dark, in both languages; read, and used with the keyboard
// alone.

import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import bcrypt from "bcryptjs";
import type { Browser, Page } from "playwright-core";
import { openBrowser } from "../support/browser.ts";
import { eventually, type Stack, startStack } from "../support/stack.ts";
import { obstaclesIn, openReader, picture, type Reader, type ReadPage, readers, tabTo } from "./reader.ts";

const passwordHash = bcrypt.hashSync("right", 4);
const config = `people: { 张三: { userid: zhangsan } }
oncall:
  数据库: { start: 2026-11-02, handover: "Mon 09:00", people: [张三, lisi] }
  ${"r".repeat(64)}: { start: 2026-11-02, handover: "09:00", every: 1d, people: [${"x".repeat(64)}] }
route:
  bot: ops
  group: per_alert
  routes:
    - matchers: [alertname="Watchdog"]
      drop: true
    - matchers: [team="dba"]
      bot: 数据库值班群
      mention: { users: ["{{labels.owner}}"], on: [firing] }
    - matchers: [team="web"]
      bot: web
    - matchers: [team="api"]
      bot: api
    - matchers: [team="app"]
      mention: { users: ["{{labels.owner}}"], on: [firing] }
    - matchers: [team="own"]
      template: own
`;
const guarded = `${config}auth:
  admin: [ { basic: { username: operator, password_hash: "${passwordHash}" } }, { bearer: { token: a-token } } ]
  viewer: [ { basic: { username: 值班, password_hash: "${passwordHash}" } } ]
`;

const refusedNames = ["RefusedOne", "RefusedTwo"];

/** By name: an address, or what to click after it. */
const pages: Readonly<Record<string, string>> = {
  overview: "/",
  deliveries: "/deliveries",
  "deliveries-none": "/deliveries?q=NeverPosted&around=2026-11-30T03:12",
  refused: "/refused",
  routing: `/routing?labels=${encodeURIComponent("alertname=DiskFull team=dba owner=王五")}`,
  playground: "/playground",
  "playground-card": "/playground?kind=text_notice",
  config: "/config",
  "not-found": "/refused/99999",
};

let browser: Browser;
let [open, behind]: Stack[] = [];

before(async () => {
  const bots = ["ops", "数据库值班群", "web", "api"];
  const folder = mkdtempSync(join(tmpdir(), "own-template-"));
  writeFileSync(join(folder, "own.markdown.hbs"), "{{index alerts 7}}");
  const templates = [join(folder, "*.hbs")];
  [open, behind] = await Promise.all([
    startStack({ config, bots, templates }),
    startStack({ config: guarded, bots, templates }),
  ]);
  browser = await openBrowser();
  await fill(open as Stack);
});
after(async () => {
  await browser?.close();
  await Promise.all([open?.stop(), behind?.stop()]);
});

async function storm(stack: Stack): Promise<void> {
  for (let n = 0; n < 60; n += 1) {
    await stack.post({ alerts: [{ labels: { alertname: `Storm${n}`, team: "web" } }] });
  }
}

/** Something delivered, refused, rejected with its key, and waiting; values without a place to break a line. */
async function fill(stack: Stack): Promise<void> {
  const post = (labels: Readonly<Record<string, string>>) =>
    stack.post({
      alerts: [
        {
          labels,
          startsAt: "2026-11-30T03:05:00Z",
          annotations: { summary: `${"长".repeat(80)} <b>&` },
          generatorURL: "http://a/?token=5ecret",
        },
      ],
    });
  await post({ alertname: "HighLoad", instance: `host-${"0123456789".repeat(12)}` });
  await eventually("it is delivered", () => stack.simulator.accepted().length === 1);
  for (const alertname of refusedNames) {
    stack.simulator.script("ops", Array(2).fill({ kind: "errcode", errcode: 40058 }));
    await post({ alertname, pod: "x".repeat(90) });
    await eventually("WeCom refuses it", async () => (await dead(stack)).some((body) => body.includes(alertname)));
  }
  stack.simulator.script("数据库值班群", Array(100).fill({ kind: "errcode", errcode: 93000 }));
  await post({ alertname: "SlowQuery", team: "dba", owner: "王五" });
  await eventually("its key is off", async () => (await overview(stack)).includes("keysRejected"));
  await post({ alertname: "Twice" });
  await post({ alertname: "Twice" });
  await post({ alertname: "TemplateFails", team: "own" });
  await post({ alertname: "NobodyKnown", team: "app", owner: "王五" });
  await storm(stack);
  await eventually("a digest is sent", async () => /"mode":"(digest|file)"/u.test(await history(stack)));
  await stack.post("not JSON");
}

async function history({ origin }: Stack): Promise<string> {
  return (await fetch(`${origin}/api/v1/history?limit=200`)).text();
}

async function dead({ origin }: Stack): Promise<readonly string[]> {
  const { deliveries } = (await (await fetch(`${origin}/api/v1/dead`)).json()) as {
    readonly deliveries: readonly object[];
  };
  return deliveries.map((delivery) => JSON.stringify(delivery));
}

async function overview({ origin }: Stack): Promise<string> {
  return (await fetch(`${origin}/api/v1/status`)).text();
}

const readerName = ({ width, scheme, language }: Reader) => `${width} px, ${scheme}, ${language}`;

const phone: Reader = { width: 390, scheme: "light", language: "en" };

async function reading(stack: Stack, reader: Reader, read: (readPage: ReadPage) => Promise<void>): Promise<void> {
  const opened = await openReader(browser, stack, reader);
  try {
    await read(opened);
  } finally {
    await opened.page.context().close();
  }
}

describe("every page", () => {
  for (const reader of readers) {
    it(`has no obstacle and no complaint of the browser: ${readerName(reader)}`, async () => {
      await reading(open as Stack, reader, async ({ page, complaints }) => {
        const obstacles: string[] = [];
        for (const [name, address] of Object.entries(pages)) {
          const answer = await page.goto(address);
          await picture(page, name, reader);
          obstacles.push(...(await obstaclesIn(page)).map((what) => `${name}: ${what}`));
          assert.equal(answer?.status(), name === "not-found" ? 404 : 200, name);
        }
        await page.goto("/deliveries?outcome=dead");
        await page.click("details.entry > summary");
        await picture(page, "deliveries-open", reader);
        obstacles.push(...(await obstaclesIn(page)));
        await page.goto("/deliveries?q=HighLoad&outcome=delivered");
        await page.click("details.entry > summary");
        await page.click("details.entry .buttons a");
        await picture(page, "delivery", reader);
        obstacles.push(...(await obstaclesIn(page)));
        await page.goto("/refused");
        await page.click("section a.button");
        await picture(page, "refused-delivery", reader);
        obstacles.push(...(await obstaclesIn(page)));

        assert.deepEqual(obstacles, []);
        assert.deepEqual(
          complaints.filter((text) => !text.includes("99999")),
          [],
        );
      });
    });

    it(`has a log-in page in front: ${readerName(reader)}`, async () => {
      await reading(behind as Stack, reader, async ({ page, complaints }) => {
        await page.goto("/routing");
        await picture(page, "login", reader);
        const obstacles = await obstaclesIn(page);
        await page.fill("[name=username]", "值班");
        await page.fill("[name=password]", "wrong");
        await page.click("button.main");
        await picture(page, "login-wrong", reader);

        assert.deepEqual([...obstacles, ...(await obstaclesIn(page))], []);
        assert.equal(await page.getByRole("alert").count(), 1);
        assert.deepEqual(
          complaints.filter((text) => !text.includes("401")),
          [],
        );
      });
    });
  }
});

/** The alert, what its row says, and what that opens to. */
const questions: Readonly<Record<string, readonly [string, string, RegExp]>> = {
  "a duplicate": ["Twice", "duplicate", /the same as what was received/u],
  "an alert that went to another bot": ["SlowQuery", "waiting", /route\.routes\[1\] → 数据库值班群/u],
  "an alert in a digest": ["Storm", "digest", /merged into digest \d+/u],
  "a message that WeCom refused": [
    "RefusedOne",
    "refused",
    /badContent, errcode 40058[\s\S]*WeCom rejected it in every form/u,
  ],
  "a template that failed": ["TemplateFails", "delivered", /template own failed/u],
  "a person who is not known": ["NobodyKnown", "delivered", /not mentioned: 王五 is not in people/u],
};

/** To type is no tap. */
describe("in at most two taps", () => {
  for (const [what, [name, state, answer]] of Object.entries(questions)) {
    it(`there is the answer for ${what}`, async () => {
      await reading(open as Stack, phone, async ({ page }) => {
        await page.goto("/");
        await page.tap("nav a[href$=deliveries]");
        await page.focus("[name=q]");
        await page.keyboard.type(name);
        await enter(page);
        await page.locator("details.entry > summary", { hasText: state }).first().tap();

        assert.match(await page.innerText("details.entry[open]"), answer);
      });
    });
  }

  it("there is the answer for a sender that did not post", async () => {
    await reading(open as Stack, phone, async ({ page }) => {
      await page.goto("/");
      await page.tap("nav a[href$=deliveries]");
      await page.focus("[name=q]");
      await page.keyboard.type("NeverPosted");
      const begun = performance.now();
      await enter(page);
      const tookMs = Math.round(performance.now() - begun);

      assert.match(await page.innerText("main"), /No such alert was received[\s\S]*127\.0\.0\.1[\s\S]*last posted/u);
      console.log(`# the page of a search without a result took ${tookMs} ms`);
    });
  });
});

describe("with the keyboard alone", () => {
  it("a reader logs in, opens every page and logs out", async () => {
    await reading(behind as Stack, phone, async ({ page, complaints }) => {
      await page.goto("/config");
      await logIn(page, "operator");
      assert.match(page.url(), /\/config$/u);

      for (const path of ["deliveries", "refused", "routing", "playground", "config"]) {
        await tabTo(page, `nav a[href$="${path}"]`);
        await enter(page);
        assert.equal(new URL(page.url()).pathname, `/${path}`);
      }
      await tabTo(page, "header form button");
      await enter(page);

      assert.equal(new URL(page.url()).pathname, "/login");
      assert.deepEqual(complaints, []);
    });
  });

  it("a viewer finds no buttons and no playground", async () => {
    await reading(behind as Stack, phone, async ({ page }) => {
      await page.goto("/");
      await logIn(page, "值班");

      assert.equal(new URL(page.url()).pathname, "/");
      assert.equal(await page.locator("main button").count(), 0);
      assert.equal(await page.locator("nav a[href$=playground]").count(), 0);
      assert.equal((await page.goto("/playground"))?.status(), 404);
    });
  });

  it("a key is tried again, and refused messages are chosen and sent again", async () => {
    const stack = open as Stack;
    await reading(stack, phone, async ({ page, complaints }) => {
      await page.goto("/");
      stack.simulator.script(null, []);
      const before = stack.simulator.arrivals().length;
      await tabTo(page, "form[action$=try-now] button");
      await enter(page);
      await eventually("its key is tried", () => stack.simulator.arrivals().length > before);
      await tabTo(page, "nav a[href$=refused]");
      await enter(page);
      await tabTo(page, "input[data-check-all]");
      await page.keyboard.press("Space");
      await tabTo(page, "button[value=replay]");
      await enter(page);

      assert.match(page.url(), /replayed=2$/u);
      assert.equal(await page.getByRole("status").count(), 1);
      assert.deepEqual(complaints, []);
    });
  });

  it("a route is tried", async () => {
    await reading(open as Stack, phone, async ({ page, complaints }) => {
      await page.goto("/routing");
      await tabTo(page, "textarea");
      await page.keyboard.type("alertname=DiskFull team=web");
      await tabTo(page, "main button.main");
      await enter(page);

      assert.match((await page.textContent(".tree .lit")) ?? "", /route\.routes\[2\]/u);
      assert.deepEqual(complaints, []);
    });
  });

  it("a template is changed, and its message follows without another page", async () => {
    await reading(open as Stack, phone, async ({ page, complaints }) => {
      await page.goto("/playground");
      await tabTo(page, "textarea");
      await page.keyboard.press("Control+A");
      await page.keyboard.type("{{firstName}} typed");
      // A busy machine may need more than the second that a template has: what is typed next renders it again.
      await eventually("it is rendered", async () => {
        if ((await page.locator("#result .bubble", { hasText: "typed" }).count()) > 0) return true;
        const hasFailed = (await page.locator("#result pre", { hasText: "Not rendered" }).count()) > 0;
        if (hasFailed) await page.keyboard.type(" ");
        await page.waitForTimeout(500);
        return false;
      });
      await page.keyboard.press("Control+A");
      await page.keyboard.type("{{#if}}");
      await page.locator("#result pre", { hasText: "default.markdown.hbs" }).first().waitFor();

      assert.match((await page.textContent("#result pre")) ?? "", /default\.markdown\.hbs:1:\d+:/u);
      assert.deepEqual(complaints, []);
    });
  });
});

describe("the overview", () => {
  it("says who is on call, until when, and who is next; so does the status", async () => {
    const stack = open as Stack;

    const { onCall } = JSON.parse(await overview(stack)) as {
      onCall: { rotation: string; who: string; next: string }[];
    };

    const [dba] = onCall;
    assert.deepEqual([dba?.rotation, [dba?.who, dba?.next].toSorted()], ["数据库", ["lisi", "张三"]]);
    await reading(stack, phone, async ({ page }) => {
      await page.goto("/");
      const shown = await page.locator("section", { hasText: /^数据库\s*Now/u }).innerText();
      assert.match(shown, new RegExp(`${dba?.who}, until \\S+ 09:00\\s+Next\\s+${dba?.next}`, "u"));
    });
  });

  it("follows what happens, and keeps the focus", async () => {
    const stack = open as Stack;
    await reading(stack, phone, async ({ page, complaints }) => {
      await page.clock.install();
      await page.goto("/");
      await tabTo(page, "form[action$='api/test'] button");
      await stack.post({ alerts: [{ labels: { alertname: "ForApi", team: "api" } }] });
      await eventually("it is delivered", () =>
        stack.simulator.accepted().some(({ body }) => JSON.stringify(body).includes("ForApi")),
      );
      const shown = await page.getByText("never", { exact: true }).count();
      await page.clock.runFor(10_000);
      await page
        .getByText("never", { exact: true })
        .nth(shown - 1)
        .waitFor({ state: "detached" });

      assert.equal(
        await page.evaluate("document.activeElement.closest('form').getAttribute('action')"),
        "./bots/api/test",
      );
      assert.deepEqual(complaints, []);
    });
  });
});

/** The first field has the focus with the page's first frame, which may come after the page is loaded. */
async function logIn(page: Page, username: string): Promise<void> {
  await page.locator("[name=username]:focus").waitFor();
  await page.keyboard.type(username);
  await page.keyboard.press("Tab");
  await page.keyboard.type("right");
  await enter(page);
}

async function enter(page: Page): Promise<void> {
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
}
