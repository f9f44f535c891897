// What a page of the console is: a view of templates/console, and what it shows.

import type { Request } from "express";
import type { Language } from "../domain/message-kind.ts";
import type { Role } from "../receive/session.ts";
import type { ConsoleStrings } from "./strings.ts";

export interface Visit {
  readonly role: Role;
  readonly language: Language;
  readonly strings: ConsoleStrings;
}

export interface Page {
  /** The name of a file in templates/console. */
  readonly view: string;
  readonly title: string;
  readonly model: object;
}

/** Shown when the backlog is full, in place of the page of what was queued. */
export function fullPage({ strings }: Visit): Page {
  return { view: "message", title: strings.backlogFull, model: { text: strings.backlogFullHint } };
}

/** Null: there is nothing at this address. */
export type MakePage = (visit: Visit, req: Request) => Page | null | Promise<Page | null>;

/** In the reader's language: of the pages' two the one that the browser names first, else that of the config. */
export function languageFor(acceptLanguage: string | undefined, configured: Language): Language {
  const named = /(?:^|,)\s*(zh|en)\b/iu.exec(acceptLanguage ?? "")?.[1]?.toLowerCase();
  return named === "zh" || named === "en" ? named : configured;
}

/** From a page to the folder of the console. Relative, because a proxy may serve the console below another path. */
export function rootFrom(path: string): string {
  return "../".repeat(path.split("/").length - 2) || "./";
}

/** A path of the console; `/` for anything that could lead elsewhere. */
export function localPath(text: unknown): string {
  return typeof text === "string" && /^\/(?![/\\])[^\\\s\p{C}]*$/u.test(text) ? text : "/";
}

/** All values of a field of a form. */
export function fieldsOf(body: unknown, name: string): readonly string[] {
  const isForm = typeof body === "object" && body !== null && Object.hasOwn(body, name);
  const value: unknown = isForm ? Reflect.get(body, name) : [];
  return [value].flat().filter((one) => typeof one === "string");
}

/** A field of a form; empty when it is missing. */
export function fieldOf(body: unknown, name: string): string {
  return fieldsOf(body, name)[0] ?? "";
}
