// Visits to the console of a whole service, as a browser makes them.

import type { TestContext } from "node:test";
import { startStack } from "../../support/stack.ts";

interface Asked {
  readonly method?: string;
  readonly language?: string;
  readonly cookie?: string;
  readonly form?: Readonly<Record<string, string>> | readonly (readonly [string, string])[];
  readonly headers?: Readonly<Record<string, string>>;
}

export async function consoleOf(t: TestContext, config: string) {
  const stack = await startStack({ config });
  t.after(() => stack.stop());
  return { stack, ask: asking(stack.origin) };
}

/** As a browser does. */
export function asking(origin: string) {
  return async (path: string, { method, language = "en", cookie, form, headers }: Asked = {}) => {
    const answer = await fetch(`${origin}${path}`, {
      method: method ?? (form === undefined ? "GET" : "POST"),
      headers: {
        accept: "text/html",
        "accept-language": language,
        ...(cookie === undefined ? {} : { cookie }),
        ...headers,
      },
      ...(form === undefined ? {} : { body: new URLSearchParams(form as Record<string, string>) }),
      redirect: "manual",
    });
    const session = (answer.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
    return {
      status: answer.status,
      headers: answer.headers,
      to: answer.headers.get("location"),
      session,
      text: await answer.text(),
    };
  };
}
