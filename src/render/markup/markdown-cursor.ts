// Where in WeCom's markdown a text stands: in code, in a link, in bold, in a quote, under a colour. Reads the
// template's own text once, character by character. Knows only the syntax that WeCom's page documents.

export type MarkdownPlace = "text" | "code" | "linkText" | "url";

/** `literal` and `data` move it on; its fields say what a text at this position must respect. */
export class MarkdownCursor {
  kind: MarkdownPlace = "text";
  /** Only quote marks and spaces stand before it on its line. */
  lineStart = true;
  quoted = false;
  /** The tag of the open colour, or null. It may stay open over lines. */
  font: string | null = null;
  #bold = false;
  #hashes = 0;
  #heading = false;
  /** A row of a table (markdown_v2). */
  #row = false;
  /** A font tag that has begun and not ended. */
  #tag: string | null = null;

  /** A line feed would break the markup that is open. */
  get singleLine(): boolean {
    return this.kind !== "text" || this.#bold || this.#heading || this.#row || this.#tag !== null;
  }

  literal(text: string): void {
    for (let index = 0; index < text.length; index += 1) {
      const char = text.charAt(index);
      if (char === "\n") this.newLine();
      else if (this.#tag !== null) this.#readTag(this.#tag + char);
      else if (char === "*" && text.charAt(index + 1) === "*" && this.kind !== "code") {
        this.#bold = !this.#bold;
        this.lineStart = false;
        index += 1;
      } else if (char === "<" && /^<\/?font/.test(text.slice(index, index + 6))) this.#tag = char;
      else this.#read(char, text.charAt(index + 1));
    }
  }

  data(text: string): void {
    if (this.#tag !== null) this.#tag += text;
    if (/\S/.test(text)) this.lineStart = false;
  }

  newLine(): void {
    this.kind = "text";
    this.lineStart = true;
    this.quoted = false;
    this.#bold = false;
    this.#hashes = 0;
    this.#heading = false;
    this.#row = false;
    this.#tag = null;
  }

  #readTag(tag: string): void {
    this.#tag = tag.endsWith(">") ? null : tag;
    if (this.#tag === null) this.font = tag.startsWith("</") ? null : tag;
  }

  /** Inline code ends with its line, so every backtick opens or closes it. */
  #read(char: string, next: string): void {
    if (char === "`") this.kind = this.kind === "code" ? "text" : "code";
    else if (this.kind !== "code") this.#readLink(char, next);
    if (this.lineStart) this.#readLineStart(char);
  }

  #readLink(char: string, next: string): void {
    if (char === "[" && this.kind === "text") this.kind = "linkText";
    else if (char === "]" && this.kind === "linkText") this.kind = next === "(" ? "url" : "text";
    else if (char === ")" && this.kind === "url") this.kind = "text";
  }

  #readLineStart(char: string): void {
    if (char === "#") this.#hashes += 1;
    else if (char === " " && this.#hashes > 0) this.#heading = true;
    else if (char === ">") this.quoted = true;
    else if (char === "|") this.#row = true;
    this.lineStart = /[\s>]/.test(char) || (char === "#" && this.#hashes <= 6);
    if (this.#heading) this.lineStart = false;
  }
}

/** The colour that is open after a line. */
export function openFont(line: string, fontBefore: string | null): string | null {
  const cursor = new MarkdownCursor();
  cursor.font = fontBefore;
  cursor.literal(line);
  return cursor.font;
}
