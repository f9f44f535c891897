// What stands in for a file that an operator names: its text, or one sentence why there is none.

export type FileText =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "unreadable"; readonly message: string };

const systemReasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of its path is a file, not a folder",
  EACCES: "this user may not read it",
  EPERM: "this user may not read it",
};

/** The system's own message would repeat the path. */
export function fileFailure(cause: unknown): string {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown error";
  return systemReasons[code] ?? code;
}

/** Without a byte order mark. Other encodings would become other characters without a word, or none at all. */
export function fileText(read: () => Uint8Array): FileText {
  try {
    const bytes = read();
    try {
      return { kind: "text", text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
    } catch {
      return { kind: "unreadable", message: "it is not UTF-8, perhaps GBK; save it as UTF-8" };
    }
  } catch (cause) {
    return { kind: "unreadable", message: fileFailure(cause) };
  }
}
