// Style and scripts of the pages. Their addresses name their content, so that a browser keeps them until they change.

import { hash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { type RequestHandler, Router } from "express";
import { bubbleStyle } from "../simulator/chat/page-assets.ts";
import { styleOfPages, viewsFolder } from "./views.ts";

const require = createRequire(import.meta.url);

const files = {
  "console.css": { type: "css", read: () => styleOfPages(viewsFolder, "console.css") + chatStyle() },
  "console.js": { type: "js", read: () => readFileSync(join(viewsFolder, "console.js"), "utf8") },
  // Of the package; in the bundle a copy beside it (scripts/bundle.ts).
  "htmx.js": { type: "js", read: () => readFileSync(require.resolve("htmx.org/dist/htmx.min.js"), "utf8") },
} as const;

/** For bubbles, within `.chat` only. */
function chatStyle(): string {
  return bubbleStyle.replace(/([^{}]+)(\{[^{}]*\})/g, (_, selectors: string, rules: string) => {
    const within = selectors.split(",").map((selector) => `.chat ${selector.trim()}`);
    return `${within.join(", ")} ${rules}\n`;
  });
}

type AssetName = keyof typeof files;

export interface Assets {
  readonly router: Router;
  /** By name, like `console_css`: the address below /assets. */
  addresses(): Readonly<Record<string, string>>;
}

export function createAssets(): Assets {
  const loaded = new Map<AssetName, string>();
  const textOf = (name: AssetName): string => {
    const text = loaded.get(name) ?? files[name].read();
    loaded.set(name, text);
    return text;
  };
  const serve = (name: AssetName): RequestHandler => {
    return (_req, res) => {
      res.set("Cache-Control", "public, max-age=31536000, immutable");
      res.type(files[name].type).end(textOf(name));
    };
  };
  const names = Object.keys(files) as readonly AssetName[];
  const router = Router();
  for (const name of names) router.get(`/${name}`, serve(name));
  return {
    router,
    addresses: () =>
      Object.fromEntries(
        names.map((name) => [name.replace(".", "_"), `${name}?${hash("sha256", textOf(name)).slice(0, 12)}`]),
      ),
  };
}
