// The views of pages, a folder of templates for each kind. They are read and compiled when the first page is shown: most services run
// for weeks without one. Handlebars escapes every value; `{{{` is only for what is escaped where it is made (bubbles, graphs).

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import Handlebars from "handlebars";

/** src/console and dist/chunks are both two folders below the package. */
const templatesFolder = join(import.meta.dirname, "..", "..", "templates");

export const viewsFolder = join(templatesFolder, "console");

export const phoneViewsFolder = join(templatesFolder, "phone");

/** Colours and type of all pages, then the style of one kind. */
export function styleOfPages(folder: string, file: string): string {
  return [join(templatesFolder, "pages.css"), join(folder, file)].map((path) => readFileSync(path, "utf8")).join("");
}

export type ShowView = (name: string, model: object) => string;

export function createViews(folder: string): ShowView {
  const views = new Map<string, HandlebarsTemplateDelegate>();
  const handlebars = Handlebars.create();
  const readAll = () => {
    for (const file of readdirSync(folder).filter((name) => name.endsWith(".hbs"))) {
      const name = file.slice(0, -".hbs".length);
      const text = readFileSync(join(folder, file), "utf8");
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
