/** Owns: made-up click events of a web shop as JSON lines: time, user, page, action, latency. Users and pages are Zipf-distributed, latency has a long tail. */
import type { BlockGenerator } from './dataset.js';
import { ascii, LineWriter } from './line-writer.js';
import { Random } from './random.js';
import { zipfTable } from './zipf.js';

const USERS = 50_000;
const PAGES = 2_000;
const LONGEST_LINE = 256;
/** 2026-01-01T00:00:00Z in seconds of the day count used below. */
const FIRST_DAY = 1;
/** A block's events begin so many milliseconds after those of the block before, so that time never runs backwards. */
const BLOCK_MS = 900_000;
/** Mean distance of events: 1 MiB holds some 6,500 of them. */
const STEP_MS = 200;

const SECTIONS = ['/products/', '/search?q=', '/category/', '/help/', '/blog/'].map(ascii);
/** Of 16 events: 10 views, 3 clicks, 2 put something into the cart, 1 buys. */
const ACTIONS = ['view', 'click', 'cart', 'purchase'].map(ascii);
const ACTION_OF = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 3];
const DEVICES = ['mobile', 'desktop', 'tablet', 'mobile'].map(ascii);
const [TIME, USER, URL, ACTION, DEVICE, LATENCY, STATUS, END] = [
  '{"time":"2026-',
  '","user":"u',
  '","url":"',
  '","action":"',
  '","device":"',
  '","latency_ms":',
  ',"status":',
  '}\n',
].map(ascii);

export function eventGenerator(seed: number): BlockGenerator {
  const users = zipfTable(USERS, 0.8);
  const pages = zipfTable(PAGES, 1);
  const line = new LineWriter();
  return (block, into) => {
    const random = new Random(seed, block);
    line.into(into);
    let time = block * BLOCK_MS;
    while (line.at <= into.length - LONGEST_LINE) {
      time += random.below(STEP_MS + 1);
      const bits = random.next();
      const page = pages[random.next() >>> 12];
      line.ascii(TIME);
      writeTime(line, time);
      line.ascii(USER);
      line.digits(users[random.next() >>> 12], 5);
      line.ascii(URL);
      line.ascii(SECTIONS[page % SECTIONS.length]);
      line.digits(page, 1);
      line.ascii(ACTION);
      line.ascii(ACTIONS[ACTION_OF[bits & 15]]);
      line.ascii(DEVICE);
      line.ascii(DEVICES[(bits >>> 4) & 3]);
      line.ascii(LATENCY);
      line.digits(latency(random, bits >>> 6), 1);
      line.ascii(STATUS);
      line.digits(statusOf(bits >>> 22), 1);
      line.ascii(END);
    }
    return line.at;
  };
}

/** `MM-DDThh:mm:ss.mmmZ`; months of 28 days keep the calendar simple, and 2026 is never left (larger data starts the year again). */
function writeTime(line: LineWriter, ms: number): void {
  const seconds = Math.floor(ms / 1000);
  const days = Math.floor(seconds / 86_400) % 336;
  const second = seconds % 86_400;
  line.digits(Math.floor(days / 28) + 1, 2);
  line.byte(45);
  line.digits((days % 28) + FIRST_DAY, 2);
  line.byte(84);
  line.digits(Math.floor(second / 3600), 2);
  line.byte(58);
  line.digits(Math.floor(second / 60) % 60, 2);
  line.byte(58);
  line.digits(second % 60, 2);
  line.byte(46);
  line.digits(ms % 1000, 3);
  line.byte(90);
}

/** Most requests take 5–40 ms; each of up to eight coin tosses that falls right doubles it. */
function latency(random: Random, coins: number): number {
  const doublings = Math.clz32((coins & 0xff) << 24);
  return (5 + random.below(36)) << Math.min(doublings, 8);
}

/** Of 1,024 events: 992 succeed, 20 are not found, 12 fail. */
function statusOf(bits: number): number {
  if (bits < 992) return 200;
  return bits < 1012 ? 404 : 500;
}
