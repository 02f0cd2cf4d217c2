/**
 * Writes the small inputs of the example jobs into jobs/data/, the same bytes every time: text made of phrases of our own,
 * an access log with some broken lines, customers and orders. Run it by hand after a change: `node scripts/make-job-data.mjs`.
 */
import { mkdirSync, writeFileSync } from 'node:fs';

const DIRECTORY = new URL('../jobs/data/', import.meta.url);

/** Numbers in [0, 1) from a seed: a linear congruential generator with Numerical Recipes' constants. */
function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const pickFrom = (random) => (list) => list[Math.floor(random() * list.length)];
const two = (n) => String(n).padStart(2, '0');

const SUBJECTS = [
  'the driver',
  'a worker',
  'every task',
  'the scheduler',
  'one reducer',
  'the slow mapper',
  'a lost block',
  'the last stage',
  'our planner',
  'some partition',
];
const VERBS = ['reads', 'sends', 'counts', 'forgets', 'sorts', 'waits for', 'merges', 'retries', 'splits', 'spills'];
const OBJECTS = [
  'the batch',
  'its rows',
  'a column of words',
  'the shuffle',
  'two empty files',
  'the broken disk',
  'many small keys',
  'a dictionary',
  'the slowest peer',
  'yesterday\u2019s logs',
];
const ENDS = [
  'before noon',
  'without a sound',
  'twice',
  'in order',
  'as planned',
  'across the network',
  'until the end',
  'again and again',
  'under pressure',
  'for the café',
];

function makeText(seed, lines) {
  const pick = pickFrom(randomFrom(seed));
  const sentence = () => {
    const words = `${pick(SUBJECTS)} ${pick(VERBS)} ${pick(OBJECTS)} ${pick(ENDS)}`;
    return `${words[0].toUpperCase()}${words.slice(1)}.`;
  };
  return Array.from({ length: lines }, (_, i) => (i % 13 === 12 ? '' : `${sentence()} ${sentence()}`))
    .join('\n')
    .concat('\n');
}

function makeLog(seed, lines) {
  const random = randomFrom(seed);
  const pick = pickFrom(random);
  const paths = ['/', '/index.html', '/about', '/jobs', '/jobs/42', '/static/site.css', '/static/logo.svg', '/api/stages', '/missing'];
  return Array.from({ length: lines }, (_, i) => {
    if (i % 41 === 40) return '-- log rotated --';
    const host =
      random() < 0.2
        ? `crawler-${Math.floor(random() * 3)}.example.net`
        : `10.0.${Math.floor(random() * 3)}.${Math.floor(random() ** 3 * 40)}`;
    const seconds = Math.floor((i / lines) * 3 * 86400);
    const time = `${two(1 + Math.floor(seconds / 86400))}/Mar/2024:${two(Math.floor(seconds / 3600) % 24)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)} +0000`;
    const path = pick(paths);
    const status = path === '/missing' ? 404 : random() < 0.03 ? 500 : random() < 0.1 ? 304 : 200;
    return `${host} - - [${time}] "GET ${path} HTTP/1.1" ${status} ${status === 304 ? '-' : 200 + Math.floor(random() * 9000)}`;
  })
    .join('\n')
    .concat('\n');
}

const CUSTOMERS = 60;

function makeCustomers(seed) {
  const pick = pickFrom(randomFrom(seed));
  const names = ['Ada', 'Bela', 'Chidi', 'Dora', 'Emre', 'Fumi', 'Grete', 'Hana', 'Ivo', 'Juno'];
  const cities = ['Porto', 'Lagos', 'Turku', 'Osaka', 'Quito', '"Springfield, North"'];
  const rows = Array.from(
    { length: CUSTOMERS },
    (_, i) => `${i + 1},${pick(names)} ${String.fromCharCode(65 + (i % 26))}.,${pick(cities)}`,
  );
  return ['customer_id,name,city', ...rows].join('\n').concat('\n');
}

function makeOrders(seed, count) {
  const random = randomFrom(seed);
  const pick = pickFrom(random);
  const rows = Array.from({ length: count }, (_, i) => {
    const day = `2024-0${1 + Math.floor(random() * 6)}-${two(1 + Math.floor(random() * 28))}`;
    const amount = (Math.floor(random() * 50_000) / 100).toFixed(2);
    // The last customers never order.
    return `${1000 + i},${1 + Math.floor(random() * (CUSTOMERS - 5))},${day},${amount},${pick(['paid', 'paid', 'paid', 'sent', 'cancelled'])}`;
  });
  return ['order_id,customer_id,day,amount,state', ...rows].join('\n').concat('\n');
}

const FILES = {
  'chapter-1.txt': makeText(1, 90),
  'chapter-2.txt': makeText(2, 60),
  'chapter-3.txt': makeText(3, 120),
  'access.log': makeLog(4, 160),
  'customers.csv': makeCustomers(5),
  'orders.csv': makeOrders(6, 250),
};

mkdirSync(DIRECTORY, { recursive: true });
for (const [name, content] of Object.entries(FILES)) {
  writeFileSync(new URL(name, DIRECTORY), content);
  console.log(`jobs/data/${name}: ${Buffer.byteLength(content)} bytes`);
}
