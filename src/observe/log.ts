// Diagnostics, one line each, on stderr: logfmt or JSON, with everything that looks like a credential masked.

export const logLevels = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof logLevels)[number];

export const logFormats = ["logfmt", "json"] as const;
export type LogFormat = (typeof logFormats)[number];

/** What a line says besides its static text. An Error is printed with its stack and causes; a Secret as `<secret>`. */
export type LogFields = Readonly<Record<string, unknown>>;

/** error = someone must act; warn = we coped; info = one line per change of state; debug = anything. */
export interface Log {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  /** The same log with these fields on every line. */
  child(fields: LogFields): Log;
}

export interface LogOptions {
  readonly level: LogLevel;
  readonly format: LogFormat;
  /** Takes one finished line with its newline; stderr when absent. */
  readonly write?: (line: string) => void;
}

export function createLog(_options: LogOptions): Log {
  throw new Error("to be written");
}
