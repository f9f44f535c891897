import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Secret } from "../../../src/config/secret.ts";
import { createSessions } from "../../../src/receive/session.ts";

const hour = 3_600_000;
const keyFrom = (...texts: readonly string[]) =>
  Secret.derive(
    texts.map((text) => new Secret(text)),
    "test",
  );
const sessions = createSessions(keyFrom("a token", "a robot key"));

function cookieOf(setCookie: string): string {
  return setCookie.split(";")[0] ?? "";
}

describe("a session", () => {
  const begun = sessions.begin("viewer", { now: 1_000, secure: false });
  const cookie = cookieOf(begun);

  it("holds the role until its time, between other cookies too", () => {
    const roles = [1_000, 8 * hour + 999, 8 * hour + 1_000].map((now) => sessions.roleIn(`a=b; ${cookie}; c=d`, now));

    assert.deepEqual(roles, ["viewer", "viewer", null]);
  });

  it("counts where the secrets are the same, and nowhere else", () => {
    const replica = createSessions(keyFrom("a token", "a robot key"));
    const others = [keyFrom("a token", "another robot key"), keyFrom("a robot key", "a token"), keyFrom("a token")];

    assert.equal(replica.roleIn(cookie, 2_000), "viewer");
    assert.deepEqual(
      others.map((key) => createSessions(key).roleIn(cookie, 2_000)),
      [null, null, null],
    );
  });

  it("is void when anything of it was changed", () => {
    const value = cookie.slice(cookie.indexOf("=") + 1);
    const changed = [
      value.replace("viewer", "admin"),
      value.replace(/\.\d+\./u, (time) => `.9${time.slice(1)}`),
      value.replace(/.$/u, (last) => (last === "A" ? "B" : "A")),
      value.slice(0, -1),
      value.slice(0, value.lastIndexOf(".") + 1),
      `${value}.${value}`,
      "",
    ];

    const name = cookie.slice(0, cookie.indexOf("=") + 1);
    for (const one of changed) assert.equal(sessions.roleIn(name + one, 2_000), null, one);
    assert.equal(sessions.roleIn(undefined, 2_000), null);
  });

  it("is kept from scripts and from other sites, and on TLS from plain HTTP", () => {
    assert.match(begun, /; Path=\/; Max-Age=28800; HttpOnly; SameSite=Lax$/u);
    assert.match(sessions.begin("admin", { now: 0, secure: true }), /; Secure$/u);
    assert.match(sessions.ended, /=; Path=\/; Max-Age=0;/u);
  });
});
