// HTML that cannot be forgotten to escape: the html`…` tag escapes every value that is not itself Html. Pure.

export interface Html {
  readonly html: string;
}

type Piece = Html | string | number | null | readonly Piece[];

export function html(texts: TemplateStringsArray, ...values: readonly Piece[]): Html {
  return { html: texts.map((text, index) => text + render(values[index] ?? null)).join("") };
}

export const noHtml: Html = { html: "" };

function render(value: Piece): string {
  if (value === null) return "";
  if (typeof value === "string") return escapeHtml(value);
  if (typeof value === "number") return String(value);
  return "html" in value ? value.html : value.map(render).join("");
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => entities[sign] ?? sign);
}
