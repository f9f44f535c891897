// The html`…` tag escapes every value that is not itself Html, so that escaping cannot be forgotten.

export interface Html {
  readonly html: string;
}

type HtmlPiece = Html | string | number | null | readonly HtmlPiece[];

export function html(texts: TemplateStringsArray, ...values: readonly HtmlPiece[]): Html {
  return { html: texts.map((text, index) => text + textOfPiece(values[index] ?? null)).join("") };
}

export const noHtml: Html = { html: "" };

function textOfPiece(value: HtmlPiece): string {
  if (value === null) return "";
  if (typeof value === "string") return escapeHtml(value);
  if (typeof value === "number") return String(value);
  return "html" in value ? value.html : value.map(textOfPiece).join("");
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
