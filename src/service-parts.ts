// What a runtime is made of: one configuration, and the parts that outlive it. Types only.

import type { LinkPace } from "./actions/link-pace.ts";
import type { Config } from "./config/config.ts";
import type { WebConfig } from "./config/web-config.ts";
import type { ReadBacklog } from "./console/paced-backlog.ts";
import type { ServiceStatus } from "./console/status.ts";
import type { TryNow } from "./console/try-now-api.ts";
import type { Report } from "./deliver/report.ts";
import type { TakeKeyTurn } from "./deliver/send.ts";
import type { MemoryShares } from "./domain/memory-shares.ts";
import type { QueryReport } from "./graph/datasource/datasource.ts";
import type { Clock } from "./observe/clock.ts";
import type { Log } from "./observe/log.ts";
import type { Metrics } from "./observe/metrics.ts";
import type { StorageHealth } from "./observe/storage-health.ts";
import type { Outbox } from "./outbox/store.ts";
import type { AcceptLog } from "./receive/accept-log.ts";
import type { AuthFailures } from "./receive/auth-failures.ts";
import type { BodyPool } from "./receive/body-pool.ts";
import type { LogPace } from "./receive/log-pace.ts";
import type { Passwords } from "./receive/passwords.ts";
import type { Reload, Status } from "./receive/probes.ts";
import type { TemplateSet } from "./render/template/template-set.ts";

/** One configuration with all that was read for it. */
export interface ServiceSetup {
  readonly config: Config;
  readonly templates: TemplateSet;
  /** The clip of `voice_file`; null when none is configured. */
  readonly voiceClip: Uint8Array | null;
  /** PEM certificates trusted besides Node's own; null for none. */
  readonly ca: string | null;
  /** Hexadecimal; the same for the same config file and templates. */
  readonly configHash: string;
}

/** What every runtime works with and none closes. */
export interface SharedParts {
  readonly version: string;
  /** Messages go to the simulator: the metrics and the status say so. */
  readonly demo: boolean;
  readonly outbox: Outbox;
  readonly health: StorageHealth;
  /** For pages and metrics: may be up to a second old when much waits. */
  readonly backlog: ReadBacklog;
  readonly clock: Clock;
  readonly random: () => number;
  readonly memory: MemoryShares;
  /** One request at a time for a key, also when a reload gives it to another bot. */
  readonly takeTurn: TakeKeyTurn;
  readonly report: Report;
  /** Of queries to datasources. */
  readonly reportQuery: (report: QueryReport) => void;
  readonly log: Log;
  readonly logAccepted: AcceptLog;
  readonly metrics: Metrics;
  readonly web: WebConfig;
  readonly passwords: Passwords;
  readonly authFailures: AuthFailures;
  readonly bodies: BodyPool;
  /** Of log lines about requests. */
  readonly logPace: LogPace;
  /** Of links to the phone page. */
  readonly linkPace: LinkPace;
  readonly readiness: () => Status;
  readonly reload: Reload;
  /** Of the last reload, one line each; none when its config is in use. */
  readonly refusedIssues: () => readonly string[];
}

/** What pages and API show and do: of the runtime in use, which may be a later one than that of the request. */
export interface LiveService {
  readonly status: () => Promise<ServiceStatus>;
  readonly tryNow: TryNow;
}
