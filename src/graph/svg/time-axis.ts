// The horizontal axis: round times of the wall clock of a time zone, also where it is changed within the picture.

export interface TimeTick {
  readonly at: number;
  /** `14:05`, `14:05:30`, at midnight `12-01`. */
  readonly text: string;
}

/** The wall clock of a time zone. */
interface WallClock {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

type ReadClock = (at: number) => WallClock;

/** Throws RangeError for a time zone that does not exist. */
function wallClockOf(timezone: string): ReadClock {
  const format = new Intl.DateTimeFormat("en-GB-u-ca-gregory-nu-latn", {
    timeZone: timezone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  return (at) => {
    const numbers: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {};
    for (const { type, value } of format.formatToParts(at)) numbers[type] = Number(value);
    const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = numbers;
    return { year, month, day, hour, minute, second };
  };
}

const two = (number: number) => String(number).padStart(2, "0");

const monthAndDay = ({ month, day }: WallClock) => `${two(month)}-${two(day)}`;

const hourAndMinute = ({ hour, minute }: WallClock) => `${two(hour)}:${two(minute)}`;

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

const steps = [
  ...[5, 10, 15, 30].map((count) => count * second),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * minute),
  ...[1, 2, 3, 6, 12].map((count) => count * hour),
];

/** The offset of every zone of today is a multiple of this. */
const offsetGrid = 15 * minute;

export function timeTicksOf(startAt: number, endAt: number, options: TimeAxisOptions): readonly TimeTick[] {
  const span = endAt - startAt;
  const clock = wallClockOf(options.timezone);
  const step = steps.find((one) => span / one <= options.mostTicks);
  if (step === undefined) return dayTicks(startAt, endAt, { ...options, clock });
  const grid = Math.min(step, offsetGrid);
  const ticks: TimeTick[] = [];
  for (let at = Math.ceil(startAt / grid) * grid; at <= endAt; at += grid) {
    const wall = clock(at);
    const sinceMidnight = sinceMidnightMs(wall);
    if (sinceMidnight % step !== 0) continue;
    const isDate = sinceMidnight === 0 && span > 12 * hour;
    ticks.push({
      at,
      text: isDate ? monthAndDay(wall) : hourAndMinute(wall) + (step < minute ? `:${two(wall.second)}` : ""),
    });
  }
  return ticks;
}

const sinceMidnightMs = (wall: WallClock) => wall.hour * hour + wall.minute * minute + wall.second * second;

interface TimeAxisOptions {
  readonly timezone: string;
  readonly mostTicks: number;
}

/** Midnights, of which every n-th is shown. */
function dayTicks(
  startAt: number,
  endAt: number,
  options: TimeAxisOptions & { clock: ReadClock },
): readonly TimeTick[] {
  const { clock, mostTicks } = options;
  const step = Math.ceil((endAt - startAt) / day / mostTicks) * day;
  const ticks: TimeTick[] = [];
  for (let at = startAt; at <= endAt + step; at += step) {
    const midnight = midnightBefore(at, clock);
    if (midnight >= startAt && midnight <= endAt) ticks.push({ at: midnight, text: monthAndDay(clock(midnight)) });
  }
  return ticks;
}

/** On a day on which the clock is changed, the first try is an hour off. */
function midnightBefore(at: number, clock: ReadClock): number {
  const first = at - sinceMidnightMs(clock(at)) - (at % second);
  const wall = sinceMidnightMs(clock(first));
  return wall <= day / 2 ? first - wall : first + day - wall;
}

/** `2026-11-30 13:26 – 14:26`, with the second date where it is another one. */
export function periodText(startAt: number, endAt: number, timezone: string): string {
  const clock = wallClockOf(timezone);
  const [start, end] = [clock(startAt), clock(endAt)];
  const day = monthAndDay(start) === monthAndDay(end) && start.year === end.year ? "" : `${monthAndDay(end)} `;
  return `${start.year}-${monthAndDay(start)} ${hourAndMinute(start)} – ${day}${hourAndMinute(end)}`;
}

/** `13:28`; `11-29 13:28` on another day than `comparedAt`. */
export function momentText(at: number, comparedAt: number, timezone: string): string {
  const clock = wallClockOf(timezone);
  const [moment, compared] = [clock(at), clock(comparedAt)];
  const isSameDay = monthAndDay(moment) === monthAndDay(compared) && moment.year === compared.year;
  return isSameDay ? hourAndMinute(moment) : `${monthAndDay(moment)} ${hourAndMinute(moment)}`;
}
