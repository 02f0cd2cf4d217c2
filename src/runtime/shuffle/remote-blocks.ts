/**
 * Owns: which blocks of other workers are on their way to one reader: grouped into requests a worker, bounded bytes ahead.
 * Receives the wanted outputs in the order of their maps; gives each block when it is asked for, in that order.
 */
import { asMinisparkError, type FetchFailure, fetchFailed, type MinisparkError } from '../../core/errors.js';
import { Arena } from '../../data/arena.js';
import type { MapOutput } from '../rpc/messages.js';
import { type BlockSpace, type FetchedBlock, removeFetched } from './arriving-block.js';
import { type FetchPatience, fetchBlocks, isOwnDisk } from './fetch.js';
import type { LargeBlock } from './large-block.js';

interface Group {
  readonly outputs: MapOutput[];
  bytes: number;
  started: boolean;
  /** Blocks that arrived and were not taken, by map. */
  readonly arrived: Map<number, FetchedBlock | LargeBlock>;
  failure: MinisparkError | null;
  wake: () => void;
}

export interface RemoteShuffle {
  readonly job: string;
  readonly shuffle: number;
  readonly partition: number;
  readonly bytesInFlight: number;
  readonly patience: FetchPatience;
  /** As in BlockSpace. */
  readonly spillPath: () => string;
  readonly onSpill: (bytes: number) => void;
}

/** A worker's blocks are asked for in requests of about this share of the bytes in flight; a block that is larger alone goes to disk. */
const SHARE = 4;

export class RemoteBlocks {
  private readonly of: RemoteShuffle;
  private readonly groups: Group[];
  private readonly groupOf = new Map<number, Group>();
  private readonly space: BlockSpace;
  private stop: AbortController | null = null;
  /** Bytes that were asked for and not yet read, those of the block that was taken last among them. */
  private inFlight = 0;
  private taken = 0;
  private next = 0;

  /** `outputs` in the order in which their blocks will be taken. */
  constructor(outputs: readonly MapOutput[], of: RemoteShuffle) {
    this.of = of;
    const { bytesInFlight, spillPath, onSpill } = of;
    this.space = { arena: new Arena(), largeBytes: bytesInFlight / SHARE, spillPath, onSpill };
    this.groups = groupByWorker(outputs, of);
    for (const group of this.groups) for (const { map } of group.outputs) this.groupOf.set(map, group);
    this.startMore();
  }

  /** The block of a map. Waits for it; throws FETCH_FAILED, which names the maps that cannot be had. */
  async take({ map, bytes }: MapOutput): Promise<FetchedBlock | LargeBlock> {
    const group = this.groupOf.get(map) as Group;
    this.inFlight -= this.taken;
    this.taken = 0;
    this.startMore();
    // Whatever else is under way: the block that the reader waits for must be, too.
    while (!group.started) this.start(this.groups[this.next++]);
    for (;;) {
      const block = group.arrived.get(map);
      if (block) {
        group.arrived.delete(map);
        this.taken = bytes[this.of.partition];
        return block;
      }
      if (group.failure) throw group.failure;
      await new Promise<void>((resolve) => {
        group.wake = resolve;
      });
    }
  }

  /** Ends whatever is under way, and forgets what was not taken. */
  close(): void {
    this.stop?.abort();
    for (const { arrived } of this.groups) {
      for (const block of arrived.values()) removeFetched(block);
      arrived.clear();
    }
  }

  private startMore(): void {
    while (this.next < this.groups.length) {
      const group = this.groups[this.next];
      if (this.inFlight > 0 && this.inFlight + group.bytes > this.of.bytesInFlight) return;
      this.next++;
      this.start(group);
    }
  }

  private start(group: Group): void {
    const [{ endpoint, token, worker }] = group.outputs;
    const { job, shuffle, partition, patience } = this.of;
    const maps = group.outputs.map((output) => output.map);
    let received = 0;
    this.stop ??= new AbortController();
    group.started = true;
    this.inFlight += group.bytes;
    fetchBlocks({
      endpoint,
      token,
      request: { worker, job, shuffle, partition, maps, attempts: group.outputs.map((output) => output.attempt) },
      space: this.space,
      patience,
      signal: this.stop.signal,
      onBlock: (block) => {
        group.arrived.set(maps[received++], block);
        group.wake();
      },
    }).catch((thrown) => {
      const error = asMinisparkError(thrown);
      const lost = () => fetchFailed({ shuffle, worker, ...this.lostBy(error, group.outputs[0]) }, error.message, error);
      group.failure = isOwnDisk(error) ? error : lost();
      group.wake();
    });
  }

  /** One map where its block is at fault, else all that its worker wrote; all that come from there where nobody answers. */
  private lostBy({ condition, data }: MinisparkError, { worker, endpoint }: MapOutput): Pick<FetchFailure, 'maps' | 'endpoint'> {
    if (typeof data?.['map'] === 'number') return { maps: [data['map']] };
    const all = this.groups.flatMap(({ outputs }) => outputs);
    const mapsOf = (isLost: (output: MapOutput) => boolean) => all.filter(isLost).map(({ map }) => map);
    if (condition === 'WORKER_UNREACHABLE') return { maps: mapsOf((output) => output.endpoint === endpoint), endpoint };
    return { maps: mapsOf((output) => output.worker === worker) };
  }
}

/** Groups in the order of their first map, which is also the order in which they are started. */
function groupByWorker(outputs: readonly MapOutput[], { partition, bytesInFlight }: RemoteShuffle): Group[] {
  const groups: Group[] = [];
  const open = new Map<string, Group>();
  for (const output of outputs) {
    let group = open.get(output.worker);
    if (!group || group.bytes >= bytesInFlight / SHARE) {
      group = { outputs: [], bytes: 0, started: false, arrived: new Map(), failure: null, wake: () => {} };
      open.set(output.worker, group);
      groups.push(group);
    }
    group.outputs.push(output);
    group.bytes += output.bytes[partition];
  }
  return groups;
}
