// Diagnostics, one line each, on stderr: logfmt or JSON, with everything that looks like a credential masked.

import { type Logger, pino, stdTimeFunctions } from "pino";
import { type LogRecord, toLogfmt } from "./logfmt.ts";
import { maskFields } from "./mask.ts";

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

export function createLog(options: LogOptions): Log {
  const write = options.write ?? stderrWriter();
  const sink = { write: (json: string) => write(finish(json, options.format)) };
  const settings = {
    level: options.level,
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    // Errors arrive described; pino's own serializer for this name would take them apart again.
    serializers: { err: (described: unknown) => described },
  };
  return over(pino(settings, sink));
}

/**
 * A line that can not be written, as to a file on a full disk or to a pipe nobody reads, is lost and nothing else: unheard, the
 * stream's error would end the process. Node keeps stderr open after one, so later lines are written again.
 */
function stderrWriter(): (line: string) => void {
  process.stderr.off("error", ignore).on("error", ignore);
  return (line) => process.stderr.write(line);
}

function ignore(): void {}

/** Masking works on the finished record, so that no way into it (message, error, stack, nested field) is left out. */
function finish(json: string, format: LogFormat): string {
  const record = maskFields(JSON.parse(json)) as LogRecord;
  return `${format === "json" ? JSON.stringify(record) : toLogfmt(record)}\n`;
}

function over(logger: Logger): Log {
  return {
    debug: (fields, message) => logger.debug(printable(fields), message),
    info: (fields, message) => logger.info(printable(fields), message),
    warn: (fields, message) => logger.warn(printable(fields), message),
    error: (fields, message) => logger.error(printable(fields), message),
    child: (fields) => over(logger.child(printable(fields))),
  };
}

/** JSON prints an Error as `{}`. */
function printable(fields: LogFields): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, value instanceof Error ? described(value) : value]),
  );
}

/** Deep enough for every wrapped error, and an end for one that is its own cause. */
const causesShown = 5;

function described(error: Error, depth = causesShown): Record<string, unknown> {
  const { name, message, stack, cause } = error;
  const inner = (one: unknown) => (one instanceof Error && depth > 0 ? described(one, depth - 1) : String(one));
  return {
    type: name,
    ...("code" in error && typeof error.code === "string" ? { code: error.code } : {}),
    // SQLite's, sqlite.org/rescode.html: its text is the same for thirty kinds of "disk I/O error".
    ...("errcode" in error && typeof error.errcode === "number" ? { errcode: error.errcode } : {}),
    message,
    stack,
    ...(cause === undefined ? {} : { cause: inner(cause) }),
    ...(error instanceof AggregateError ? { errors: error.errors.map(inner) } : {}),
  };
}
