import type { Config } from "../config/config.ts";
import { didYouMean, inQuotes } from "../config/in-quotes.ts";
import { type Rotation, type Shift, shiftsBetween } from "../route/on-call.ts";
import { type Command, exitCode, exitWith } from "./command.ts";
import { configFileFlag } from "./flags.ts";
import { loadSetup } from "./setup.ts";

export const onCallCommand: Command = {
  name: "oncall",
  operands: "[ROTATION]",
  help: "prints who is on call now and in the next 14 days",
  flags: {
    "config.file": configFileFlag,
    json: { help: "prints JSON", isSwitch: true },
  },
  async run(flags, terminal) {
    if (flags.operands.length > 1) {
      return exitWith(exitCode.usage, "name one rotation, or none for all: alertmanager-wecom oncall dba", terminal);
    }
    const loaded = loadSetup(flags.values.get("config.file") ?? null, terminal.env);
    if (loaded.kind === "invalid") return exitWith(exitCode.failed, loaded.issues, terminal);
    const { rotations } = loaded.setup.config;
    const [name] = flags.operands;
    const missing = missingRotation(rotations, name);
    if (missing !== null) return exitWith(exitCode.failed, missing, terminal);
    const wanted = [...rotations].filter(([one]) => name === undefined || one === name);
    const now = Date.now();
    const shown = flags.values.has("json")
      ? JSON.stringify(wanted.map(asJson(now)), null, 2)
      : wanted.map(([one, rotation]) => onCallText(one, rotation, now)).join("\n\n");
    terminal.out(shown);
    return exitCode.ok;
  },
};

function missingRotation(rotations: Config["rotations"], name: string | undefined): string | null {
  const known = [...rotations.keys()];
  if (known.length === 0) return "the config has no rotations: add oncall";
  if (name === undefined || rotations.has(name)) return null;
  return `there is no rotation ${inQuotes(name)}${didYouMean(name, known)}; the config has: ${known.join(", ")}`;
}

const daysMs = 14 * 86_400_000;

/** Turns of a few hours would fill the screen. */
const mostShown = 60;

/** A line for each shift of the next 14 days, in local time. */
export function onCallText(name: string, rotation: Rotation, now: number): string {
  const shifts = shiftsBetween(rotation, now, now + daysMs);
  const timeText = timesOfZone(rotation.timezone);
  const lines = shifts.slice(0, mostShown).map(({ who, isOverride, startsAt, endsAt }, n) => {
    const remarks = [...(n === 0 ? ["now"] : []), ...(isOverride ? ["override"] : [])];
    const remark = remarks.length === 0 ? "" : ` (${remarks.join(", ")})`;
    return `  ${timeText(startsAt)} to ${timeText(endsAt)}  ${who}${remark}`;
  });
  const more = shifts.length - lines.length;
  const rest = more === 0 ? [] : [`  … ${more} more: alertmanager-wecom oncall --json`];
  return [`on call in ${name}, ${rotation.timezone}:`, ...lines, ...rest].join("\n");
}

/** `Mon 2026-11-30 09:00` */
function timesOfZone(timeZone: string): (at: number) => string {
  const day = new Intl.DateTimeFormat("en-US", { timeZone, weekday: "short" });
  // Swedish has ISO 8601's order of numbers.
  const time = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "short" });
  return (at) => `${day.format(at)} ${time.format(at)}`;
}

function asJson(now: number) {
  const timeText = (at: number) => new Date(at).toISOString();
  const shiftJson = ({ who, isOverride, startsAt, endsAt }: Shift) => {
    return { who, from: timeText(startsAt), to: timeText(endsAt), override: isOverride };
  };
  return ([name, rotation]: readonly [string, Rotation]) => ({
    rotation: name,
    timezone: rotation.timezone,
    shifts: shiftsBetween(rotation, now, now + daysMs).map(shiftJson),
  });
}
