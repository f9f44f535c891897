// Pictures are optional parts, through the whole service: text never waits for one, and each ends once, sent or omitted.

import assert from "node:assert/strict";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, it, type TestContext } from "node:test";
import { ManualClock } from "../../support/manual-clock.ts";
import { eventually, type Stack, type StackOptions, startStack } from "../../support/stack.ts";

const png = Buffer.from("89504e470d0a1a0a00000000", "hex");
const config = "pictures: { allow_private: true }\nroute: { bot: ops, message: [image, markdown] }";

/** A server of pictures, and how many were asked for. */
async function pictureHost(t: TestContext, answer: RequestListener) {
  let asked = 0;
  const server = createServer((request, response) => {
    asked += 1;
    answer(request, response);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/graph.png?token=abc123`, asked: () => asked };
}

async function stackOf(t: TestContext, options: StackOptions = {}): Promise<Stack> {
  const stack = await startStack({ config, ...options });
  t.after(() => stack.stop());
  return stack;
}

function alert(alertname: string, image_url: string, status = "firing") {
  return { groupKey: alertname, alerts: [{ status, labels: { alertname }, annotations: { image_url } }] };
}

const kindsIn = (stack: Stack) => stack.simulator.accepted().map(({ body }) => Reflect.get(Object(body), "msgtype"));

async function resultOf(stack: Stack): Promise<readonly string[]> {
  const shown = (await stack.metrics()).matchAll(/optional_parts_total\{kind="picture",result="(\w+)"\} (\d+)/gu);
  return [...shown].flatMap(([, result = "", count]) => (count === "0" ? [] : [`${result} ${count}`]));
}

/** The lane works on while the time advances. */
function untilCalm(clock: ManualClock, condition: () => boolean | Promise<boolean>) {
  return eventually("it ends", async () => {
    await clock.advance(100);
    return condition();
  });
}

/** The text of Disk is sent; its picture was asked for and does not come. */
async function whileItsHostHangs(t: TestContext) {
  const clock = new ManualClock();
  const host = await pictureHost(t, () => undefined);
  const stack = await stackOf(t, { clock });
  await stack.post(alert("Disk", host.url));
  await eventually("its text is sent", () => stack.simulator.accepted().length === 1);
  await untilCalm(clock, () => host.asked() === 1);
  return { clock, host, stack };
}

describe("a picture", () => {
  it("follows the text of its alert, in whatever order the route names the two", async (t) => {
    const host = await pictureHost(t, (_, response) => response.end(png));
    const stack = await stackOf(t);

    await stack.post(alert("Disk", host.url));

    await eventually("both are sent", () => stack.simulator.accepted().length === 2);
    assert.deepEqual(kindsIn(stack), ["markdown", "image"]);
    await eventually("it is counted", async () => (await resultOf(stack))[0] === "sent 1");
    assert.equal(await stack.metric('message_parts_total{bot="ops",kind="image"}'), 1);
  });

  it("whose host hangs delays neither the text of its alert nor that of others", async (t) => {
    const { host, stack } = await whileItsHostHangs(t);

    await stack.post(alert("Memory", host.url));
    await eventually("the next text is sent", () => stack.simulator.accepted().length === 2);
    await stack.post(alert("Network", host.url));
    await eventually("and the next", () => stack.simulator.accepted().length === 3);

    assert.equal(host.asked(), 1, "one is fetched at a time");
    assert.deepEqual(kindsIn(stack), ["markdown", "markdown", "markdown"]);
  });

  it("that cannot be fetched is omitted, once, with a line that names the delivery and not the address", async (t) => {
    const host = await pictureHost(t, (_, response) => response.writeHead(404).end());
    const stack = await stackOf(t);

    await stack.post(alert("Disk", host.url));

    await eventually("it is omitted", async () => (await resultOf(stack))[0] === "failed 1");
    const line = stack.log.find((one) => one.includes("omitted"));
    assert.match(line ?? "", /level=warn .*bot=ops delivery=\d+ part=picture result=failed reason="HTTP 404"/u);
    assert.doesNotMatch(stack.log.join(""), /abc123/u);
    assert.equal(host.asked(), 1);
  });

  it("at a private address is not asked for, unless the config allows it", async (t) => {
    const host = await pictureHost(t, (_, response) => response.end(png));
    const stack = await stackOf(t, { config: "route: { bot: ops, message: image }" });

    await stack.post(alert("Disk", host.url));

    await eventually("it is omitted", async () => (await resultOf(stack))[0] === "failed 1");
    assert.match(stack.log.join(""), /result=failed reason=PRIVATE_ADDRESS/u);
    assert.equal(host.asked(), 0);
  });

  it("that WeCom does not take is not sent again, and the key works on", async (t) => {
    const host = await pictureHost(t, (_, response) => response.end(png));
    const stack = await stackOf(t);
    stack.simulator.script("ops", [
      { kind: "latency", ms: 0 },
      { kind: "errcode", errcode: 40009 },
    ]);

    await stack.post(alert("Disk", host.url));
    await eventually("it is refused", async () => (await resultOf(stack))[0] === "refused 1");
    await stack.post(alert("Memory", ""));

    await eventually("the next text is sent", () => stack.simulator.accepted().length === 2);
    assert.equal(stack.simulator.arrivals().length, 3);
    assert.deepEqual(kindsIn(stack), ["markdown", "markdown"]);
  });

  it("on its way to a WeCom that hangs is given up for the next text", async (t) => {
    const host = await pictureHost(t, (_, response) => response.end(png));
    const stack = await stackOf(t, { timeoutMs: 60_000 });
    stack.simulator.script("ops", [{ kind: "latency", ms: 0 }, { kind: "hang" }]);
    await stack.post(alert("Disk", host.url));
    await eventually("it is on its way", () => stack.simulator.arrivals().length === 2);

    await stack.post(alert("Memory", ""));

    await eventually("the next text is sent", () => stack.simulator.accepted().length === 2);
    assert.deepEqual(await resultOf(stack), ["busy 1"]);
    assert.equal(await stack.metric('notification_requests_failed_total{reason="connectionError"}'), 0);
  });

  it("is omitted when a newer state of its group comes first", async (t) => {
    const { stack } = await whileItsHostHangs(t);

    await stack.post(alert("Disk", "", "resolved"));

    await eventually("it is omitted", async () => (await resultOf(stack))[0] === "superseded 1");
    await eventually("the newer state is sent", () => stack.simulator.accepted().length === 2);
    assert.deepEqual(kindsIn(stack), ["markdown", "markdown"]);
  });

  it("is omitted when it is not there in time", async (t) => {
    const { clock, stack } = await whileItsHostHangs(t);

    await clock.advance(30_000);

    await eventually("it is omitted", async () => (await resultOf(stack))[0] === "late 1");
  });

  it("is omitted by a reload", async (t) => {
    const { stack } = await whileItsHostHangs(t);

    await stack.reload({ config });

    await eventually("it is omitted", async () => (await resultOf(stack))[0] === "interrupted 1");
    assert.deepEqual(kindsIn(stack), ["markdown"]);
  });

  it("is omitted when its text is rejected in every form", async (t) => {
    const host = await pictureHost(t, (_, response) => response.end(png));
    const stack = await stackOf(t);
    stack.simulator.script(
      "ops",
      Array.from({ length: 4 }, () => ({ kind: "errcode", errcode: 40008 }) as const),
    );

    await stack.post(alert("Disk", host.url));

    await eventually("it is omitted", async () => (await resultOf(stack))[0] === "textDead 1");
    assert.equal(host.asked(), 0);
  });
});
