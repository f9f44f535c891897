// A reader of the console in Chromium, and what no page may do to one.

import assert from "node:assert/strict";
import { join } from "node:path";
import axe from "axe-core";
import type { Browser, Page } from "playwright-core";
import type { Stack } from "../support/stack.ts";

export interface Reader {
  readonly width: 390 | 1280;
  readonly scheme: "light" | "dark";
  readonly language: "zh" | "en";
}

export const readers: readonly Reader[] = ([390, 1280] as const).flatMap((width) =>
  (["light", "dark"] as const).flatMap((scheme) =>
    (["zh", "en"] as const).map((language) => ({ width, scheme, language })),
  ),
);

export interface ReadPage {
  readonly page: Page;
  /** Errors and warnings in the browser's console, failed requests, and violations of the content security policy. */
  readonly complaints: readonly string[];
}

export async function openReader(browser: Browser, stack: Stack, reader: Reader): Promise<ReadPage> {
  const context = await browser.newContext({
    baseURL: stack.origin,
    viewport: { width: reader.width, height: 844 },
    colorScheme: reader.scheme,
    locale: reader.language === "zh" ? "zh-CN" : "en-GB",
    hasTouch: reader.width === 390,
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(`${page.url()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => complaints.push(`${page.url()}: ${error.message}`));
  page.on("requestfailed", (request) => complaints.push(`${request.url()}: ${request.failure()?.errorText}`));
  await page.addInitScript(
    `addEventListener("securitypolicyviolation", (event) => console.error("policy:", event.violatedDirective, event.blockedURI))`,
  );
  return { page, complaints };
}

/** Everything that a reader with small hands, bad eyes or a narrow screen would stumble on. */
export async function obstaclesIn(page: Page): Promise<readonly string[]> {
  const [wide, small] = (await page.evaluate(layout)) as readonly [readonly string[], readonly string[]];
  await page.evaluate(axe.source);
  // Bubbles have the colours of the chat.
  const { violations } = (await page.evaluate(`axe.run({ exclude: [[".chat"]] })`)) as axe.AxeResults;
  return [
    ...wide.map((what) => `wider than the screen: ${what}`),
    ...small.map((what) => `smaller than 44 px: ${what}`),
    ...violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`)),
  ];
}

const layout = `(() => {
  const all = (selector) => [...document.querySelectorAll(selector)].filter((one) => one.checkVisibility());
  const name = (one) => one.outerHTML.slice(0, 120);
  const wide = document.documentElement.scrollWidth > innerWidth
    ? all("body *").filter((one) => one.getBoundingClientRect().right > innerWidth + 1).map(name)
    : [];
  const targets = "a, button, select, textarea, summary, input:not([type=checkbox]):not([type=radio]), label.check";
  const small = all(targets)
    .filter((one) => one.closest(".chat, .skip, p:not(:has(> :only-child))") === null)
    .filter((one) => one.getBoundingClientRect().height < 44)
    .map(name);
  return [wide, small];
})()`;

/** A folder: every page is pictured there, too. */
const pictures = process.env.PICTURES;

export async function picture(page: Page, name: string, { width, scheme, language }: Reader): Promise<void> {
  if (pictures === undefined) return;
  await page.screenshot({ path: join(pictures, `${name}-${width}-${scheme}-${language}.png`), fullPage: true });
}

/** With the Tab key alone. What has the focus must be visible. */
export async function tabTo(page: Page, selector: string): Promise<void> {
  const wanted = JSON.stringify(selector);
  for (let n = 0; n < 100; n += 1) {
    await page.keyboard.press("Tab");
    const at = (await page.evaluate(`(() => {
      const one = document.activeElement;
      const { outlineStyle } = getComputedStyle(one);
      return { found: one.matches(${wanted}), marked: outlineStyle !== "none", html: one.outerHTML.slice(0, 120) };
    })()`)) as { readonly found: boolean; readonly marked: boolean; readonly html: string };
    if (at.html.startsWith("<body")) continue;
    assert.ok(at.marked, `the focus is not visible on ${at.html}`);
    if (at.found) return;
  }
  assert.fail(`the Tab key does not lead to ${selector}`);
}
