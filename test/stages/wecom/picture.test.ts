// Pictures from real servers on this machine: what is accepted, what is rejected, and that no redirect or name leads to a private
// address.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { RequestListener, ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { FillFailure } from "../../../src/domain/optional-part.ts";
import { createPictureClient, type FetchedPicture, type PictureLimits } from "../../../src/wecom/picture.ts";
import { robot } from "./local-robot.ts";

const png = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3]);
const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3]);

const endless = new AbortController().signal;

function none(detail: string, failure: FillFailure = "failed"): FetchedPicture {
  return { kind: "none", failure, detail };
}

function clientFor(t: TestContext, limits: Partial<PictureLimits> = {}, isPrivate?: (address: string) => boolean) {
  const client = createPictureClient({ allowPrivate: true, maxBytes: 1_000, timeoutMs: 2_000, ...limits }, isPrivate);
  t.after(() => client.close());
  return client;
}

function serving(content: Buffer): RequestListener {
  return (_request, response) => void response.end(content);
}

function redirect(response: ServerResponse, location: string): void {
  response.writeHead(302, { location }).end();
}

for (const [name, content] of [
  ["PNG", png],
  ["JPEG", jpeg],
] as const) {
  test(`a ${name} is returned with the fields of an image message, whatever its content type`, async (t) => {
    const origin = await robot(t, (_request, response) => {
      response.setHeader("content-type", "text/html").end(content);
    });

    const fetched = await clientFor(t).fetch(`${origin}/graph`, endless);

    const md5 = createHash("md5").update(content).digest("hex");
    assert.deepEqual(fetched, { kind: "picture", picture: { base64: content.toString("base64"), md5 } });
  });
}

test("a configured file has the same limits, and its name does not matter", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "picture-"));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const [name, content] of Object.entries({
    good: png,
    big: Buffer.concat([png, Buffer.alloc(1_000)]),
    text: Buffer.from("x"),
  }))
    writeFileSync(join(folder, name), content);
  const client = clientFor(t);

  const fetched = await Promise.all(
    ["good", "big", "text", "missing"].map((name) => client.fetch(join(folder, name), endless)),
  );

  assert.deepEqual(
    fetched.map((one) => (one.kind === "none" ? one.detail : one.picture.base64)),
    [png.toString("base64"), "over 1000 bytes", "neither PNG nor JPEG", "ENOENT"],
  );
});

test("redirects are followed, relative or not, up to a limit", async (t) => {
  const origin = await robot(t, (request, response) => {
    const left = Number(request.url?.slice(1));
    if (left === 0) response.end(png);
    else redirect(response, left === 2 ? `${origin}/1` : `/${left - 1}`);
  });
  const client = clientFor(t);

  const [three, four] = [await client.fetch(`${origin}/3`, endless), await client.fetch(`${origin}/4`, endless)];

  assert.equal(three.kind, "picture");
  assert.deepEqual(four, none("too many redirects"));
});

const refusals: readonly [string, RequestListener, string][] = [
  [
    "a body that is neither PNG nor JPEG, whatever its content type",
    serving(Buffer.from("<svg/>")),
    "neither PNG nor JPEG",
  ],
  ["an empty body", serving(Buffer.alloc(0)), "neither PNG nor JPEG"],
  ["more bytes than allowed", serving(Buffer.concat([png, Buffer.alloc(1_000)])), "over 1000 bytes"],
  ["an error page", (_request, response) => void response.writeHead(404).end(png), "HTTP 404"],
  ["a redirect to a file", (_request, response) => redirect(response, "file:///etc/passwd"), "not an http(s) URL"],
  ["a redirect to an invalid URL", (_request, response) => redirect(response, "http://"), "ERR_INVALID_URL"],
  ["a cut connection", (request) => void request.socket.resetAndDestroy(), "ECONNRESET"],
];

for (const [what, listener, reason] of refusals) {
  test(`rejects ${what}`, async (t) => {
    const origin = await robot(t, listener);

    assert.deepEqual(
      await clientFor(t).fetch(origin, endless),
      none(reason, reason.startsWith("over") ? "tooLarge" : "failed"),
    );
  });
}

test("rejects an endless body without a length as soon as it is over the limit", async (t) => {
  const origin = await robot(t, (_request, response) => {
    const timer = setInterval(() => response.write(Buffer.alloc(400, png)), 1);
    response.once("close", () => clearInterval(timer));
  });

  assert.deepEqual(await clientFor(t).fetch(origin, endless), none("over 1000 bytes", "tooLarge"));
});

for (const [what, listener] of [
  ["never answers", () => undefined],
  ["answers without an end", (_request, response) => void response.write(png)],
] as const satisfies readonly (readonly [string, RequestListener])[]) {
  test(`gives up on a server that ${what}`, async (t) => {
    const origin = await robot(t, listener);

    assert.deepEqual(await clientFor(t, { timeoutMs: 100 }).fetch(origin, endless), none("TimeoutError", "timeout"));
  });
}

for (const url of ["", "node-1", "file:///etc/passwd", "ftp://example.com/a.png", "data:image/png;base64,AAAA"]) {
  test(`${JSON.stringify(url)} is not the URL of a picture`, async (t) => {
    assert.deepEqual(await clientFor(t).fetch(url, endless), none("not an http(s) URL"));
  });
}

test("no request goes to an address of this machine, however it is written", async (t) => {
  let requests = 0;
  const origin = await robot(t, (_request, response) => {
    requests += 1;
    response.end(png);
  });
  const { port } = new URL(origin);
  const client = clientFor(t, { allowPrivate: false });
  const hosts = [
    "127.0.0.1",
    "2130706433",
    "0x7f.1",
    "0.0.0.0",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "localhost",
    "LOCALHOST",
  ];

  const answers = await Promise.all(hosts.map((host) => client.fetch(`http://${host}:${port}/`, endless)));

  assert.deepEqual(
    answers.map((answer, i) => [hosts[i], answer]),
    hosts.map((host) => [host, none("PRIVATE_ADDRESS")]),
  );
  assert.equal(requests, 0);
});

test("a redirect to a private address is not followed, by IP address or by name", async (t) => {
  let reached = 0;
  const inside = await robot(t, (_request, response) => {
    reached += 1;
    response.end(png);
  });
  const { port } = new URL(inside);
  // All servers of a test are on this machine: one of its addresses stands for the public internet.
  const client = clientFor(t, { allowPrivate: false }, (address) => address !== "127.0.0.2");

  for (const host of ["127.0.0.1", "localhost"]) {
    const outside = await robot(t, (_request, response) => redirect(response, `http://${host}:${port}/`), "127.0.0.2");

    assert.deepEqual(await client.fetch(outside, endless), none("PRIVATE_ADDRESS"));
  }
  assert.equal(reached, 0);
});
