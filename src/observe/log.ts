import { type LoggerOptions, pino } from "pino";
import { logRecord, toLogfmt } from "./log-record.ts";
import { maskSecrets } from "./mask.ts";

export const logLevels = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof logLevels)[number];

export const logFormats = ["logfmt", "json"] as const;
export type LogFormat = (typeof logFormats)[number];

/** Names are printed in snake_case, an Error with its stack and causes, a Secret as `<secret>`. What is undefined is not printed. */
export type LogFields = Readonly<Record<string, unknown>>;

/** error: someone must act. warn: a failure that was handled. info: one line per change of state. debug: anything. */
export interface Log {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
}

export interface LogOptions {
  readonly level: LogLevel;
  readonly format: LogFormat;
  /** Gets one complete line with its newline; stderr when absent. */
  readonly write?: (line: string) => void;
  /** Hides the secrets that have no form to recognise them by; none are known when absent. */
  readonly hide?: (text: string) => string;
}

export function createLog({ level, format, write = stderrWriter(), hide = (text) => text }: LogOptions): Log {
  const print = format === "json" ? JSON.stringify : toLogfmt;
  const mask = (text: string) => maskSecrets(hide(text));
  const hooks: LoggerOptions["hooks"] = {
    // Pino would print a record as JSON, which logfmt and masking would have to parse again, so it is printed here.
    logMethod([fields, message]: readonly unknown[], _log, number) {
      const head = { time: new Date().toISOString(), level: pino.levels.labels[number], msg: message };
      write(`${escaped(print(logRecord({ ...head, ...(fields as LogFields) }, mask)))}\n`);
    },
  };
  return pino({ level, hooks }, { write });
}

/**
 * JSON escapes only C0 controls. C1 controls act on a terminal, format characters hide text or turn it around, and separators end a
 * line. They occur only inside quotes, where `\u` is an escape.
 */
function escaped(printed: string): string {
  return printed.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    character.replace(/./gs, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`),
  );
}

/**
 * A line that cannot be written (a full disk, a closed pipe) is lost, and nothing else: without a listener the stream's error would
 * end the process. Node keeps stderr open after an error, so later lines are written again.
 */
function stderrWriter(): (line: string) => void {
  process.stderr.off("error", ignoreError).on("error", ignoreError);
  return (line) => process.stderr.write(line);
}

function ignoreError(): void {}
