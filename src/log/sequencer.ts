/**
 * The sequencer: turns submitted input into durable, positioned Events. It is the only writer of a data folder.
 *
 * It works in groups: everything that waited while the last commit was on its way to the disk becomes one transaction, so
 * that one fsync serves many senders. Within a group requests keep their order, and so do the items of a request
 * (invariant 2). What a group computed is speculative until its commit: when the commit fails, every answer of the group
 * is the failure, and nothing of it is seen by anybody (invariant 1).
 */
import { hash } from "node:crypto";
import { SessionAnomalySchema } from "../../gen/ts/callwire/v1/session_pb.ts";
import type { CallwireError } from "../errors/callwire-error.ts";
import type { Reason } from "../errors/catalogue.ts";
import type { NormaliseLimits } from "../events/accepted-event.ts";
import { contentDigestInput } from "../events/content.ts";
import { ownEvent } from "./accepted-envelope.ts";
import { AgentDirectory } from "./agent-directory.ts";
import type { EncodedBlock } from "./block.ts";
import { BlockMeans } from "./block-builder.ts";
import { type Candidate, type IngestRequest, normaliseRequest } from "./ingest-request.ts";
import { SessionCache } from "./session-cache.ts";
import type { QuarantineInput } from "./sqlite/sqlite-quarantine.ts";
import { storageError } from "./sqlite/storage-error.ts";
import type { Store } from "./store.ts";
import { storedBlock } from "./stored-block.ts";
import { TenantFold } from "./tenant-fold.ts";
import type { DueSession, DuplicateSpace } from "./view.ts";

export interface SequencerLimits extends NormaliseLimits {
  duplicateWindowMs: number;
}

/**
 * The outcome of one item, cheap to hand to another thread: the offset of an accepted event, the negative offset of the
 * event that a duplicate repeats, or why it was refused.
 */
export type SequencedItem = number | { reason: Reason; message: string };

export interface GroupResult {
  /** One entry a request, in order. */
  outcomes: SequencedItem[][];
  blocks: EncodedBlock[];
  /** Oddities met, by name. */
  notes: Map<string, number>;
}

/** What the gateway's own events came to. */
export type Settled = Pick<GroupResult, "blocks" | "notes">;

/** An event that nobody named is no duplicate of any. */
const nameless: { outcome?: SequencedItem; names: [DuplicateSpace, string][]; digest: string } = {
  names: [],
  digest: "",
};

/** Keys forgotten per group; pruning keeps pace with any rate at which they are added. */
const forgetPerGroup = 256;
/** Once nothing is left to be forgotten, groups need not look for so long. */
const forgetEveryMs = 1_000;

export class Sequencer {
  readonly #store: Store;
  readonly #limits: SequencerLimits;
  readonly #now: () => number;
  readonly #sessions: SessionCache;
  #agents = new Map<string, AgentDirectory>();
  readonly #means = new Map<string, BlockMeans>();
  #forgetsAtMs = 0;

  constructor(store: Store, limits: SequencerLimits, now: () => number) {
    this.#store = store;
    this.#limits = limits;
    this.#now = now;
    this.#sessions = new SessionCache(store.view);
  }

  /**
   * Works a group out and hands it to the store, which makes it durable. @throws CallwireError STORAGE_FULL or STORAGE_FAILED;
   * then nothing of the group is stored
   */
  run(requests: readonly IngestRequest[]): GroupResult {
    const notes = new Map<string, number>();
    const candidates = requests.map((request) => normaliseRequest(request, this.#limits, notes));
    try {
      this.#quarantine(requests, candidates, notes);
      return this.#store.group(() => this.#apply(requests, candidates, notes));
    } catch (error) {
      throw this.#rolledBack(error);
    }
  }

  /** Expires and seals what is due, as events of the gateway's own, in one group. @throws CallwireError like `run` */
  settle(tenant: string, due: readonly DueSession[]): Settled {
    const notes = new Map<string, number>();
    try {
      return this.#store.group(() => {
        const group = this.#openGroup(tenant, notes);
        group.clockMs = Math.max(group.clockMs, this.#now());
        for (const { action, kind, source, id, firstOffset: first, lastOffset: last } of due) {
          const place = { offset: group.nextOffset++, receivedMs: group.clockMs, firstReceivedMs: undefined };
          const proposal = { action, first, last };
          group.fold.add({ event: ownEvent(kind, id), source, ...place, idempotencyKey: "", proposal });
        }
        const blocks = this.#persist(tenant, group);
        this.#save();
        return { blocks, notes };
      });
    } catch (error) {
      throw this.#rolledBack(error);
    }
  }

  #save(): void {
    this.#sessions.save();
    for (const agents of this.#agents.values()) agents.save();
  }

  #rolledBack(error: unknown): CallwireError {
    this.forget();
    return storageError(error);
  }

  /** A transaction is gone, and with it what its events told about agents and sessions. */
  forget(): void {
    this.#agents = new Map();
    this.#sessions.forget();
  }

  #quarantine(requests: readonly IngestRequest[], candidates: Candidate[][], notes: Map<string, number>): void {
    const inputs: QuarantineInput[] = [];
    requests.forEach(({ tenant, source, firstReceivedMs }, index) => {
      // A retried entry that is refused again is still there.
      if (firstReceivedMs !== undefined) return;
      for (const candidate of candidates[index]!) {
        if (candidate.ok || candidate.raw === undefined) continue;
        const { reason, message } = candidate;
        inputs.push({ tenant, source, reason, message, receivedMs: this.#now(), content: candidate.raw });
      }
    });
    if (inputs.length === 0) return;
    this.#store.quarantineGroup(() => {
      for (const input of inputs) count(notes, "QUARANTINE_DISPLACED", this.#store.quarantine.add(input));
    });
  }

  #apply(requests: readonly IngestRequest[], candidates: Candidate[][], notes: Map<string, number>): GroupResult {
    const tenants = new Map<string, TenantGroup>();
    const outcomes = requests.map((request, index) => {
      let group = tenants.get(request.tenant);
      if (group === undefined) {
        group = this.#openGroup(request.tenant, notes);
        tenants.set(request.tenant, group);
      }
      group.clockMs = Math.max(group.clockMs, this.#now());
      return candidates[index]!.map((candidate) => this.#sequence(request, candidate, group, notes));
    });
    const blocks = [...tenants].flatMap(([tenant, group]) => this.#persist(tenant, group));
    this.#save();
    this.#forgetOldKeys();
    return { outcomes, blocks, notes };
  }

  #forgetOldKeys(): void {
    const nowMs = this.#now();
    if (nowMs < this.#forgetsAtMs) return;
    const count = this.#store.view.forget(nowMs - this.#limits.duplicateWindowMs, forgetPerGroup);
    if (count < forgetPerGroup) this.#forgetsAtMs = nowMs + forgetEveryMs;
  }

  #openGroup(tenant: string, notes: Map<string, number>): TenantGroup {
    const { epoch, offset } = this.#store.log.head(tenant);
    const { clockMs } = this.#store.view.state(tenant);
    let agents = this.#agents.get(tenant);
    if (agents === undefined) {
      agents = new AgentDirectory(this.#store.view, tenant);
      this.#agents.set(tenant, agents);
    }
    let means = this.#means.get(tenant);
    if (means === undefined) {
      means = new BlockMeans();
      this.#means.set(tenant, means);
    }
    const fold = new TenantFold(tenant, epoch, this.#sessions, agents, means, (anomaly) => {
      count(notes, `SESSION_${SessionAnomalySchema.value[anomaly]!.localName}`, 1);
    });
    return { clockMs, nextOffset: offset + 1, fold };
  }

  #sequence(
    request: IngestRequest,
    candidate: Candidate,
    group: TenantGroup,
    notes: Map<string, number>,
  ): SequencedItem {
    if (!candidate.ok) return { reason: candidate.reason, message: candidate.message };
    const known = this.#findDuplicate(request, candidate, group.clockMs, notes);
    if (known.outcome !== undefined) return known.outcome;
    const { event, idempotencyKey } = candidate;
    const { source, firstReceivedMs } = request;
    const offset = group.nextOffset++;
    for (const [space, key] of known.names) {
      const name = { tenant: request.tenant, source, space, key };
      this.#store.view.remember(name, { digest: known.digest, offset }, group.clockMs);
    }
    group.fold.add({ event, source, offset, receivedMs: group.clockMs, firstReceivedMs, idempotencyKey });
    return offset;
  }

  /** SEMANTICS: the same name with the same content is a duplicate; with other content it depends on who gave the name. */
  #findDuplicate(
    request: IngestRequest,
    candidate: Candidate & { ok: true },
    nowMs: number,
    notes: Map<string, number>,
  ): { outcome?: SequencedItem; names: [DuplicateSpace, string][]; digest: string } {
    if (candidate.idempotencyKey === "" && candidate.event.sourceEventId === "" && request.quarantineId === undefined) {
      return nameless;
    }
    const names: [DuplicateSpace, string][] = [];
    if (candidate.idempotencyKey !== "") names.push(["idempotency_key", candidate.idempotencyKey]);
    if (candidate.event.sourceEventId !== "") names.push(["event_id", candidate.event.sourceEventId]);
    if (request.quarantineId !== undefined) names.push(["quarantine", `${request.quarantineId}:${candidate.index}`]);
    const digest = hash("sha256", contentDigestInput(candidate.event));
    const { tenant, source } = request;
    for (const [space, key] of names) {
      const found = this.#store.view.findDuplicates(
        { tenant, source, space, key },
        nowMs - this.#limits.duplicateWindowMs,
      );
      const same = found.find((content) => content.digest === digest);
      if (same !== undefined) return { outcome: -same.offset, names, digest };
      if (found.length === 0) continue;
      if (space === "idempotency_key") {
        const message = "the idempotency key was used before with other content";
        return { outcome: { reason: "IDEMPOTENCY_KEY_REUSED", message }, names, digest };
      }
      count(notes, "EVENT_ID_REUSED", 1);
    }
    return { names, digest };
  }

  #persist(tenant: string, group: TenantGroup): EncodedBlock[] {
    return group.fold.finish().map(({ block, envelopes, memories }) => {
      const first = this.#store.log.append(tenant, envelopes);
      if (first !== block.offsets[0]) throw new Error(`log gave offset ${first}, expected ${block.offsets[0]}`);
      this.#store.view.apply(storedBlock(block, memories));
      return block;
    });
  }
}

/** What a group is doing to one tenant. */
interface TenantGroup {
  clockMs: number;
  nextOffset: number;
  fold: TenantFold;
}

function count(notes: Map<string, number>, name: string, by: number): void {
  if (by > 0) notes.set(name, (notes.get(name) ?? 0) + by);
}
