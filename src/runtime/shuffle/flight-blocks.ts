/**
 * Owns: shuffle blocks and kept partitions as Arrow Flight streams, on the port of the block server.
 * A ticket is JSON that names a block; the bearer token is that of the worker that wrote it, or the cluster's secret.
 */
import { crc32 } from 'node:zlib';
import { fatalError, userError } from '../../core/errors.js';
import { messagesOf } from '../../data/ipc-messages.js';
import { type FlightMessage, type Flights, ticketFields } from '../rpc/flight.js';
import { sameSecret } from '../rpc/secret.js';
import { type BlockName, type BlockSource, type FindSource, type Located, locateBlock, readBlockBytes } from './block-source.js';
import { readIndex } from './local-blocks.js';

const EXAMPLE = '{"worker":"worker-…","job":"job-…","shuffle":0,"map":0,"attempt":0,"partition":0}';
const NO_BODY = new Uint8Array(0);

/** `secret`: the cluster's, null where it has none. */
export function blockFlights(findSource: FindSource, secret: string | null): Flights {
  return {
    list: null,
    async *read(ticket, credential) {
      const fields = ticketFields(ticket, EXAMPLE);
      const source = findSource(String(fields['worker'] ?? ''));
      const isOwn = sameSecret(credential, source?.token ?? '');
      const isCluster = sameSecret(credential, secret ?? '');
      if (credential === '' || !(isOwn || isCluster)) {
        const said = credential === '' ? 'No bearer token was shown' : 'The bearer token is not the right one';
        throw userError('FLIGHT_DENIED', `${said}: it is the cluster's secret, as in authorization: Bearer SECRET.`);
      }
      if (source === null) throw userError('FLIGHT_NOT_FOUND', `There are no blocks of worker '${String(fields['worker'] ?? '')}' here.`);
      yield* streamOf(source, blockName(fields));
    },
  };
}

function blockName(fields: Readonly<Record<string, unknown>>): BlockName {
  const number = (name: string): number => {
    const value = fields[name] ?? 0;
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
    throw userError('INVALID_TICKET', `'${name}' of a ticket is no whole number; a ticket looks like ${EXAMPLE}.`);
  };
  const { job } = fields;
  if (typeof job !== 'string') throw userError('INVALID_TICKET', `A ticket names a job; it looks like ${EXAMPLE}.`);
  return { job, shuffle: number('shuffle'), partition: number('partition'), map: number('map'), attempt: number('attempt') };
}

function* streamOf(source: BlockSource, name: BlockName): Generator<FlightMessage> {
  const block = locateBlock(source, name);
  const { state, length, crc } = block.head;
  const what = `Block (job ${name.job}, shuffle ${name.shuffle}, map ${name.map}, partition ${name.partition})`;
  if (state === 'NOT_FOUND') throw userError('BLOCK_NOT_FOUND', `${what} is not here.`);
  if (state === 'CORRUPT') throw fatalError('BLOCK_CORRUPT', `${what} has an index that is damaged.`);
  if (length === 0) {
    yield schemaBeside(source, name, what);
    return;
  }
  let sum = 0;
  const read = (from: number, count: number): Uint8Array => {
    const bytes = bytesOf(block, from, count);
    sum = crc32(bytes, sum);
    return bytes;
  };
  for (const { metadata, body } of messagesOf(length, read)) yield { dataHeader: metadata, dataBody: body };
  if (sum !== crc) throw fatalError('BLOCK_CORRUPT', `${what} does not match its checksum.`);
}

/** A block without rows has no bytes: its columns are those of the map's other blocks. */
function schemaBeside(source: BlockSource, name: BlockName, what: string): FlightMessage {
  const index = readIndex(source.store.dataPath(name.job, name.shuffle, name.map, name.attempt));
  for (let partition = 0; partition < (index?.partitions ?? 0); partition++) {
    const block = locateBlock(source, { ...name, partition });
    if (block.head.length === 0) continue;
    const [{ metadata }] = messagesOf(block.head.length, (from, count) => bytesOf(block, from, count));
    return { dataHeader: metadata, dataBody: NO_BODY };
  }
  throw userError('BLOCK_NOT_FOUND', `${what} has no rows, nor has any other of this map: what its columns are is not known here.`);
}

function bytesOf(block: Located, from: number, count: number): Uint8Array {
  const bytes = new Uint8Array(count);
  readBlockBytes(block, [from, count], bytes, 0);
  return bytes;
}
