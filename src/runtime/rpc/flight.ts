/**
 * Owns: Apache Arrow Flight as a service (proto/flight.proto): who asks, for which stream, and sending its messages no faster than they are taken.
 * What the streams are is told by whoever offers them.
 */
import type {
  Metadata,
  ServerUnaryCall,
  ServerWritableStream,
  ServiceDefinition,
  sendUnaryData,
  UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { asMinisparkError, retryableError, userError } from '../../core/errors.js';
import { didYouMean } from '../../core/nearest.js';
import { type Grpc, loadGrpc, loadService } from './load-proto.js';

/** A message of an Arrow IPC stream: first the schema, then dictionaries and record batches. */
export interface FlightMessage {
  readonly dataHeader: Uint8Array;
  readonly dataBody: Uint8Array;
}

export interface Flight {
  readonly name: string;
  /** The schema message that its stream starts with. */
  readonly schema: Uint8Array;
}

export interface Flights {
  /** What a ticket stands for. `credential`: the bearer token that was shown, or empty. Throws the conditions of `STATUS`. */
  read(ticket: string, credential: string): AsyncIterable<FlightMessage>;
  /** Those that have names; null where tickets are all there is. Throws FLIGHT_DENIED. */
  list: ((credential: string) => readonly Flight[]) | null;
}

/** How conditions show in gRPC; all others are INTERNAL. */
const STATUS = {
  FLIGHT_DENIED: 'UNAUTHENTICATED',
  FLIGHT_NOT_FOUND: 'NOT_FOUND',
  INVALID_TICKET: 'INVALID_ARGUMENT',
  INVALID_BLOCK_ID: 'INVALID_ARGUMENT',
  BLOCK_NOT_FOUND: 'NOT_FOUND',
  BLOCK_CORRUPT: 'DATA_LOSS',
  CORRUPT_BLOCK: 'DATA_LOSS',
  FLIGHTS_NOT_LISTED: 'UNIMPLEMENTED',
} as const satisfies Record<string, keyof Grpc['status']>;

interface Descriptor {
  readonly type: string;
  readonly cmd: Buffer;
  readonly path: readonly string[];
}

type Ticket = { readonly ticket: Buffer };

/** For a gRPC server to add. */
export async function flightService(flights: Flights): Promise<readonly [ServiceDefinition, UntypedServiceImplementation]> {
  const [grpc, { service }] = await Promise.all([loadGrpc(), loadService('flight.proto', 'arrow.flight.protocol.FlightService')]);
  const find = ({ path, cmd }: Descriptor, metadata: Metadata): Flight => {
    const all = listed(flights, metadata);
    const name = path.length > 0 ? path.join('/') : cmd.toString();
    const found = all.find((flight) => flight.name === name);
    if (found) return found;
    const hint = didYouMean(
      name,
      all.map((flight) => flight.name),
    );
    throw userError('FLIGHT_NOT_FOUND', `There is no flight '${name}'.${hint && ` ${hint}`}`);
  };
  const unary = (answer: (request: Descriptor, metadata: Metadata) => object) => {
    return (call: ServerUnaryCall<Descriptor, object>, done: sendUnaryData<object>) => {
      try {
        done(null, answer(call.request, call.metadata));
      } catch (thrown) {
        done(statusOf(thrown, grpc));
      }
    };
  };
  const streamed = <T>(answer: (call: ServerWritableStream<T, object>) => AsyncIterable<object>) => {
    return (call: ServerWritableStream<T, object>) => {
      sendAll(call, answer).catch((thrown) => call.emit('error', statusOf(thrown, grpc)));
    };
  };
  return [
    service,
    {
      DoGet: streamed<Ticket>((call) => flights.read(call.request.ticket.toString(), credentialOf(call.metadata))),
      ListFlights: streamed(async function* (call) {
        yield* listed(flights, call.metadata).map(infoOf);
      }),
      GetFlightInfo: unary((request, metadata) => infoOf(find(request, metadata))),
      GetSchema: unary((request, metadata) => ({ schema: find(request, metadata).schema })),
    },
  ];
}

function listed(flights: Flights, metadata: Metadata): readonly Flight[] {
  if (flights.list) return flights.list(credentialOf(metadata));
  throw userError('FLIGHTS_NOT_LISTED', 'This server gives shuffle blocks by ticket (DoGet) and lists none.');
}

function infoOf({ name, schema }: Flight): object {
  return {
    schema,
    flightDescriptor: { type: 'PATH', path: [name] },
    endpoint: [{ ticket: { ticket: Buffer.from(ticketOf(name)) }, location: [] }],
    totalRecords: -1,
    totalBytes: -1,
    ordered: true,
  };
}

/** The ticket of a flight that has a name. */
export const ticketOf = (name: string): string => JSON.stringify({ result: name });

/** A ticket's fields. Throws INVALID_TICKET, which says what one looks like. */
export function ticketFields(ticket: string, example: string): Readonly<Record<string, unknown>> {
  try {
    const fields: unknown = JSON.parse(ticket);
    if (typeof fields === 'object' && fields !== null && !Array.isArray(fields)) return fields as Record<string, unknown>;
  } catch {
    // It is told below.
  }
  throw userError('INVALID_TICKET', `'${ticket.slice(0, 200)}' is no ticket: one looks like ${example}.`);
}

function credentialOf(metadata: Metadata): string {
  return /^Bearer (.+)$/i.exec(String(metadata.get('authorization')[0] ?? ''))?.[1] ?? '';
}

function statusOf(thrown: unknown, { status }: Grpc) {
  const { condition, message } = asMinisparkError(thrown);
  const code = Object.hasOwn(STATUS, condition) ? status[STATUS[condition as keyof typeof STATUS]] : status.INTERNAL;
  return { name: condition, message, code, details: `${message} [${condition}]` };
}

/** One message after the other: a reader that is slow holds one in memory, and one that went away ends the stream's maker. */
async function sendAll<T>(
  call: ServerWritableStream<T, object>,
  answer: (call: ServerWritableStream<T, object>) => AsyncIterable<object>,
): Promise<void> {
  for await (const message of answer(call)) {
    await new Promise<void>((resolve, reject) => {
      const gone = () => reject(retryableError('FLIGHT_ABANDONED', 'The reader went away.'));
      const end = (settle: () => void) => () => {
        call.off('cancelled', cancelled);
        call.off('close', cancelled);
        settle();
      };
      const cancelled = end(gone);
      call.on('cancelled', cancelled);
      call.on('close', cancelled);
      if (call.cancelled) cancelled();
      else call.write(message, end(resolve));
    });
  }
  call.end();
}
