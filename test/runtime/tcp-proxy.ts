/** Owns: a network that can fail: forwards connections to a port of this machine until they are cut. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface Proxy {
  readonly port: number;
  /** Connections so far. */
  connections(): number;
  /** Breaks the connections there are. */
  cut(): void;
  /** Breaks each of the next connections once so many bytes came from the far side. */
  cutEachAfter(bytes: number): void;
  /** Breaks all, and takes no more. */
  close(): void;
}

export async function startProxy(target: number): Promise<Proxy> {
  const sockets = new Set<Socket>();
  let count = 0;
  let limit = Number.POSITIVE_INFINITY;
  const server = createServer((near) => {
    count++;
    let left = limit;
    const far = connect(target, '127.0.0.1');
    far.on('data', (bytes) => {
      left -= bytes.length;
      if (left < 0) near.destroy();
    });
    for (const [from, to] of [
      [near, far],
      [far, near],
    ]) {
      sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
      from.pipe(to);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = () => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => count,
    cut,
    cutEachAfter(bytes) {
      limit = bytes;
    },
    close() {
      server.close();
      cut();
    },
  };
}
