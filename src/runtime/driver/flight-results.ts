/**
 * Owns: rows of a session's plans as Arrow Flight streams, on one port of this process. Each read runs the plan, whose rows pass through as they
 * come; so what is cached is computed once, and what is not, each time. Receives plans by name; ends with the session.
 */
import { randomBytes } from 'node:crypto';
import type { Server } from '@grpc/grpc-js';
import type { Config } from '../../core/config.js';
import { retryableError, userError } from '../../core/errors.js';
import type { Batch } from '../../data/batch.js';
import { decodeDictionary } from '../../data/dictionary.js';
import { END_OF_STREAM, encodeBatch, encodeSchema } from '../../data/ipc.js';
import { messagesOf } from '../../data/ipc-messages.js';
import type { Schema } from '../../data/types.js';
import type { Execution } from '../../frontend/api/backend.js';
import type { ServedRows, ServeOptions } from '../../frontend/api/served-rows.js';
import type { Plan } from '../../frontend/plan/logical.js';
import { joinAddress } from '../rpc/address.js';
import { CHANNEL_OPTIONS } from '../rpc/channel.js';
import { type Flight, type FlightMessage, type Flights, flightService, ticketFields, ticketOf } from '../rpc/flight.js';
import { bind, shutDown } from '../rpc/listen.js';
import { loadGrpc } from '../rpc/load-proto.js';
import { sameSecret } from '../rpc/secret.js';

interface Offer extends Flight {
  readonly token: string;
  readonly plan: Plan;
  readonly onTaken: () => void;
}

interface Planner {
  analyze(plan: Plan): Promise<Schema>;
  execute(plan: Plan): Promise<Execution>;
}

/** What any Arrow reads: 128 bits for decimals whatever their precision. */
const WIRE = { onlyDecimal128: true };

export class FlightResults {
  private readonly config: Config;
  private readonly planner: Planner;
  private readonly offers = new Map<string, Offer>();
  private listening: Promise<{ readonly server: Server; readonly uri: string }> | null = null;

  constructor(config: Config, planner: Planner) {
    this.config = config;
    this.planner = planner;
  }

  /** Throws user errors FLIGHT_EXISTS, INVALID_FLIGHT_NAME, PORT_IN_USE, CANNOT_LISTEN and what is wrong with the plan. */
  async serve(plan: Plan, name: string, { token = randomBytes(24).toString('base64url') }: ServeOptions): Promise<ServedRows> {
    if (name === '' || !/^[!-~]+$/.test(token)) {
      throw userError('INVALID_FLIGHT_NAME', 'Rows are served under a name and a token, which is of ASCII letters, digits and signs.');
    }
    const schema = encodeSchema(await this.planner.analyze(plan), WIRE);
    if (this.offers.has(name)) {
      throw userError('FLIGHT_EXISTS', `Rows are served as '${name}' already.`, { hint: 'Close those, or choose another name' });
    }
    let settle!: { taken(): void; closed(): void };
    const taken = new Promise<void>((resolve, reject) => {
      settle = { taken: resolve, closed: () => reject(retryableError('FLIGHT_CLOSED', `'${name}' was closed before anybody read it.`)) };
    });
    // Not everybody waits for it.
    taken.catch(() => {});
    const offer: Offer = { name, schema, token, plan, onTaken: settle.taken };
    this.offers.set(name, offer);
    this.listening ??= this.listen();
    const { uri } = await this.listening.catch((error) => {
      this.listening = null;
      this.offers.delete(name);
      throw error;
    });
    const close = () => {
      if (this.offers.get(name) === offer) this.offers.delete(name);
      settle.closed();
    };
    return { name, uri, token, ticket: ticketOf(name), taken, close };
  }

  /** Reads that are at their end come to it; others are ended. */
  async close(): Promise<void> {
    this.offers.clear();
    const listening = await this.listening?.catch(() => null);
    this.listening = null;
    if (!listening) return;
    await shutDown(listening.server);
  }

  private async listen() {
    const grpc = await loadGrpc();
    const server = new grpc.Server(CHANNEL_OPTIONS);
    server.addService(...(await flightService(this.flights())));
    const host = this.config.get('flight.host');
    const port = await bind(grpc, server, host, this.config.get('flight.port'));
    return { server, uri: `grpc://${joinAddress(host, port)}` };
  }

  private flights(): Flights {
    const opened = (credential: string) => [...this.offers.values()].filter(({ token }) => sameSecret(credential, token));
    const guarded = (credential: string): readonly Offer[] => {
      const offers = opened(credential);
      if (offers.length > 0) return offers;
      const said = credential === '' ? 'No bearer token was shown' : 'The bearer token opens nothing here';
      throw userError('FLIGHT_DENIED', `${said}: it is the \`token\` of served rows, as in authorization: Bearer TOKEN.`);
    };
    const read = (ticket: string, credential: string) => this.read(guarded(credential), ticket);
    return { list: guarded, read };
  }

  private async *read(offers: readonly Offer[], ticket: string): AsyncGenerator<FlightMessage> {
    const { result } = ticketFields(ticket, ticketOf('name'));
    const offer = offers.find(({ name }) => name === result);
    if (!offer) throw userError('FLIGHT_NOT_FOUND', `No rows are served as '${String(result)}' for this token.`);
    yield* framed([offer.schema]);
    const { schema, batches } = await this.planner.execute(offer.plan);
    for await (const batch of batches) if (batch.length > 0) yield* framed(encodeBatch(schema, plain(batch), WIRE));
    offer.onTaken();
  }
}

function plain({ length, columns }: Batch): Batch {
  return { length, columns: columns.map(decodeDictionary) };
}

/** Whole messages of a stream as Flight frames them. */
function* framed(parts: readonly Uint8Array[]): Iterable<FlightMessage> {
  const bytes = Buffer.concat([...parts, END_OF_STREAM]);
  for (const { metadata, body } of messagesOf(bytes.length, (from, count) => bytes.subarray(from, from + count))) {
    yield { dataHeader: metadata, dataBody: body };
  }
}
