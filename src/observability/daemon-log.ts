/** Owns: what a standing scheduler says of its life, a line an event: workers that come and go, jobs that start and end. */
import type { Event } from '../core/events.js';

/** Null for events that are too many, or of no news, to an operator. */
export function daemonLine(event: Event): string | null {
  switch (event.kind) {
    case 'worker-registered':
      return `${event.worker} joined: ${event.slots} ${event.slots === 1 ? 'thread' : 'threads'} on ${event.host}`;
    case 'worker-lost':
      return `${event.worker} is gone: ${event.reason}`;
    case 'job-submitted':
      return `${event.job} started: ${event.name}`;
    case 'job-finished':
      if (event.error === null) return `${event.job} is done`;
      return event.cancelled ? `${event.job} was cancelled` : `${event.job} failed: ${event.error.message} [${event.error.condition}]`;
    default:
      return null;
  }
}
