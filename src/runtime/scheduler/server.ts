/**
 * Owns: the scheduler as a gRPC server: proto/minispark.proto around a SchedulerService. Checks token and protocol version,
 * turns frames into messages and back, and tells the service at once when a stream ends.
 */
import type { Server, ServerDuplexStream, ServerUnaryCall, sendUnaryData } from '@grpc/grpc-js';
import { asMinisparkError, fatalError, toWireError, userError, type WireError } from '../../core/errors.js';
import type { Event } from '../../core/events.js';
import { fromJson, toJson } from '../../core/json.js';
import { isLoopback, joinAddress } from '../rpc/address.js';
import { CHANNEL_OPTIONS, isAuthorized } from '../rpc/channel.js';
import { FrameWriter } from '../rpc/frame-writer.js';
import { decodeFromWorker, encodeToWorker, type WireMessage, weightOf } from '../rpc/frames.js';
import { bind, shutDown } from '../rpc/listen.js';
import { type Grpc, loadGrpc, loadService } from '../rpc/load-proto.js';
import { type FromWorker, type JobResult, PROTOCOL_VERSION, type ToWorker } from '../rpc/messages.js';
import { PacedFrames } from '../rpc/paced-frames.js';
import type { Submission } from './actions.js';
import type { JobHandle } from './driven-jobs.js';
import { wireWithoutStack } from './job-end.js';
import { type KeepRequest, serveKeep } from './serve-keep.js';
import { protocolMismatch, SchedulerService, type ServiceOptions, type WorkerConnection } from './service.js';

export interface ServerOptions {
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
  /** Secret that workers and drivers must show; null only on loopback. */
  readonly token: string | null;
  readonly service?: Partial<ServiceOptions>;
}

export interface SchedulerServer {
  /** `host:port`, with the port that was bound. */
  readonly address: string;
  readonly port: number;
  readonly service: SchedulerService;
  /** Ends all jobs, sends workers away, frees the port. */
  close(reason?: string): Promise<void>;
}

/** How long a driver may leave pings unanswered: one that reads batches may work on each for a while. Workers are watched by their heartbeats. */
const DRIVER_SILENCE_MS = 120_000;

/** Binds and serves. Throws TOKEN_REQUIRED, PORT_IN_USE, CANNOT_LISTEN. */
export async function startScheduler({ host, port, token, service: options }: ServerOptions): Promise<SchedulerServer> {
  if (token === null && !isLoopback(host)) {
    throw userError('TOKEN_REQUIRED', `Without a token a scheduler on ${host} would run anybody's code.`, {
      hint: 'Pass --token-file, here and to workers and submit, or listen on 127.0.0.1',
    });
  }
  const [grpc, { service: definition }] = await Promise.all([loadGrpc(), loadService('minispark.proto', 'minispark.Scheduler')]);
  const service = new SchedulerService(options);
  const server = new grpc.Server({ ...CHANNEL_OPTIONS, 'grpc.keepalive_timeout_ms': DRIVER_SILENCE_MS });
  const guard = <T>(call: ServerDuplexStream<T, object>, serve: () => void) => {
    if (isAuthorized(call.metadata, token)) serve();
    else call.emit('error', unauthenticated(grpc));
  };
  server.addService(definition, {
    work: (call: ServerDuplexStream<WorkerFrame, object>) => guard(call, () => serveWorker(grpc, service, call)),
    submit: (call: ServerDuplexStream<DriverFrame, object>) => guard(call, () => serveDriver(service, call)),
    keep: (call: ServerDuplexStream<KeepRequest, object>) => guard(call, () => serveKeep(grpc, service, call)),
    status: (call: ServerUnaryCall<object, object>, done: sendUnaryData<object>) =>
      isAuthorized(call.metadata, token) ? done(null, service.status()) : done(unauthenticated(grpc)),
  });
  const bound = await bind(grpc, server, host, port);
  return {
    address: joinAddress(host, bound),
    port: bound,
    service,
    close: (reason = 'it was stopped') => closeServer(server, service, reason),
  };
}

async function closeServer(server: Server, service: SchedulerService, reason: string): Promise<void> {
  service.close(reason);
  await shutDown(server);
}

function unauthenticated(grpc: Grpc) {
  return { name: 'Unauthenticated', message: '', code: grpc.status.UNAUTHENTICATED, details: 'The token is missing or not the right one.' };
}

interface WorkerFrame {
  readonly messages: readonly WireMessage[];
}

/** The first message of a stream must register its worker. */
function serveWorker(grpc: Grpc, service: SchedulerService, call: ServerDuplexStream<WorkerFrame, object>): void {
  let connection: WorkerConnection | null = null;
  const frames = new PacedFrames<readonly ToWorker[]>(call, (messages) => ({ messages: messages.map(encodeToWorker) }));
  const writer = new FrameWriter<ToWorker>((messages) => frames.write(messages));
  const link = {
    send: (message: ToWorker) => writer.push(message, weightOf(message)),
    close: () => {
      writer.flush();
      frames.end();
    },
  };
  const gone = (reason: string) => connection?.disconnected(reason);
  call.on('data', (frame: WorkerFrame) => {
    try {
      let messages: FromWorker[] = frame.messages.map(decodeFromWorker);
      if (connection === null) {
        const [registration, ...rest] = messages;
        if (registration?.kind !== 'register') throw fatalError('PROTOCOL_MISMATCH', 'A worker must register first.');
        connection = service.connectWorker(link, registration);
        messages = rest;
      }
      if (messages.length > 0) connection.receive(messages);
    } catch (thrown) {
      const { message } = asMinisparkError(thrown);
      gone(message);
      call.emit('error', { code: grpc.status.INVALID_ARGUMENT, details: message });
    }
  });
  call.on('end', () => {
    gone('its connection broke');
    call.end();
  });
  call.on('cancelled', () => gone('its connection broke'));
  call.on('error', (error) => gone(error.message));
}

interface DriverFrame {
  readonly kind?: 'submit' | 'cancel' | 'taken';
  readonly submit?: Omit<Submission, 'graph'> & { readonly graphJson: string; readonly protocol: number };
  readonly cancel?: { readonly reason: string };
  readonly taken?: { readonly bytes: number };
}

type ToDriver =
  | { readonly kind: 'event'; readonly event: Event }
  | { readonly kind: 'result'; readonly result: JobResult }
  | { readonly kind: 'done'; readonly error: WireError | null };

/** A stream carries one job; a driver that goes away before its end cancels it. */
function serveDriver(service: SchedulerService, call: ServerDuplexStream<DriverFrame, object>): void {
  let handle: JobHandle | null = null;
  const writer = new FrameWriter<ToDriver>((items) => call.write(jobFrame(items)));
  const done = (error: WireError | null) => {
    writer.push({ kind: 'done', error }, 0);
    writer.flush();
    call.end();
  };
  const submit = ({ graphJson, protocol, job, name, config, bundle, blobs }: NonNullable<DriverFrame['submit']>) => {
    if (protocol !== PROTOCOL_VERSION) throw protocolMismatch(protocol, 'driver');
    const submission: Submission = { job, name, graph: fromJson(graphJson), config, bundle, blobs };
    handle = service.submit(submission, {
      onEvent: (event) => writer.push({ kind: 'event', event }, 256),
      onResult: (result) => writer.push({ kind: 'result', result }, result.block.length),
      onDone: done,
    });
  };
  call.on('data', (frame: DriverFrame) => {
    try {
      if (frame.submit && handle === null) submit(frame.submit);
      else if (frame.cancel) handle?.cancel(frame.cancel.reason);
      else if (frame.taken) handle?.taken(frame.taken.bytes);
    } catch (thrown) {
      done(toWireError(thrown).kind === 'user' ? wireWithoutStack(thrown) : toWireError(thrown));
    }
  });
  const gone = () => handle?.cancel('its driver went away');
  call.on('end', gone);
  call.on('cancelled', gone);
  call.on('error', gone);
}

function jobFrame(items: readonly ToDriver[]): object {
  const eventsJson: string[] = [];
  const results: JobResult[] = [];
  let done: object | null = null;
  for (const item of items) {
    if (item.kind === 'event') eventsJson.push(toJson(item.event));
    else if (item.kind === 'result') results.push(item.result);
    else done = { errorJson: item.error ? toJson(item.error) : '' };
  }
  return { eventsJson, results, done };
}
