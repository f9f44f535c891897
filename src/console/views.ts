// The views of the pages (templates/console). They are read and compiled when the first page is shown: most services run for weeks
// without one. Handlebars escapes every value; `{{{` is only for the bubbles, which are escaped where they are made.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import Handlebars from "handlebars";

/** src/console and dist/chunks are both two folders below the package. */
export const viewsFolder = join(import.meta.dirname, "..", "..", "templates", "console");

export type ShowView = (name: string, model: object) => string;

export function createViews(): ShowView {
  const views = new Map<string, HandlebarsTemplateDelegate>();
  const handlebars = Handlebars.create();
  const readAll = () => {
    for (const file of readdirSync(viewsFolder).filter((name) => name.endsWith(".hbs"))) {
      const name = file.slice(0, -".hbs".length);
      const text = readFileSync(join(viewsFolder, file), "utf8");
      if (name.startsWith("_")) handlebars.registerPartial(name.slice(1), text);
      // Compiled at its first use.
      else views.set(name, handlebars.compile(text, { strict: false, preventIndent: true }));
    }
  };
  return (name, model) => {
    if (views.size === 0) readAll();
    const view = views.get(name);
    if (view === undefined) throw new Error(`there is no view ${name}`);
    return view(model);
  };
}
