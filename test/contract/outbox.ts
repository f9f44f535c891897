// A test for each sentence of src/outbox/store.ts, for every engine. The test of an engine calls this and adds what only that engine
// promises.

import { describe } from "node:test";
import { acceptContract } from "./outbox/accept.ts";
import { actionContract } from "./outbox/actions.ts";
import { beginContract } from "./outbox/begin.ts";
import { crashContract } from "./outbox/crash.ts";
import { deadContract } from "./outbox/dead.ts";
import { diskContract } from "./outbox/disk.ts";
import { historyContract } from "./outbox/history.ts";
import { holderContract } from "./outbox/holder.ts";
import { laneContract } from "./outbox/lane.ts";
import { lateAnswerContract } from "./outbox/late-answer.ts";
import { limitContract } from "./outbox/limits.ts";
import { mediaContract } from "./outbox/media.ts";
import { outboxModel } from "./outbox/model.ts";
import { optionalContract } from "./outbox/optional.ts";
import { pruneContract } from "./outbox/prune.ts";
import { retractContract } from "./outbox/retract.ts";
import { settleContract } from "./outbox/settle.ts";
import { shareContract } from "./outbox/shares.ts";
import { stateContract } from "./outbox/states.ts";
import type { CreateStorage } from "./outbox/storage.ts";
import { tryNowContract } from "./outbox/try-now.ts";

/**
 * `create` makes an empty storage each time; the suite opens it, leaves it, opens it again and removes it. `modelRuns` is how
 * many random journeys the model takes: fewer for an engine that is slow to open.
 */
export function outboxContract(name: string, create: CreateStorage, modelRuns = 60): void {
  describe(`outbox contract: ${name}`, () => {
    acceptContract(create);
    limitContract(create);
    shareContract(create);
    holderContract(create);
    laneContract(create);
    retractContract(create);
    beginContract(create);
    optionalContract(create);
    settleContract(create);
    lateAnswerContract(create);
    crashContract(create);
    pruneContract(create);
    diskContract(create);
    deadContract(create);
    tryNowContract(create);
    historyContract(create);
    mediaContract(create);
    stateContract(create);
    actionContract(create);
    outboxModel(create, modelRuns);
  });
}
