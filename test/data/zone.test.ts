/** Time zones against the runtime's own tables and against java.time's rules for clocks that jump. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseIsoMicros } from '../../src/data/temporal.js';
import { parseOffset } from '../../src/data/temporal-text.js';
import { clockOf, clockOfDouble, findZone, instantOf, parseTimestamp, startOfDay, zoneOf } from '../../src/data/zone.js';

const micros = (text: string): bigint => parseIsoMicros(text)!.micros;

test('offsets are those of the runtime at any instant', () => {
  const names = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Africa/Casablanca', 'Pacific/Apia', 'Asia/Kolkata'];
  const formats = new Map(names.map((name) => [name, new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' })]));
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.integer({ min: -6_000_000_000, max: 20_000_000_000 }), (name, seconds) => {
      const text = formats.get(name)!.format(seconds * 1000);
      expect(zoneOf(name).offsetAt(seconds)).toBe(parseOffset(text.slice(text.lastIndexOf('GMT'))));
    }),
    { numRuns: 500 },
  );
});

test('an instant comes back from its clock, but for the second of two that look alike', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('Europe/Berlin', 'Australia/Lord_Howe', 'Pacific/Apia'),
      fc.integer({ min: -4e9, max: 5e9 }),
      (name, seconds) => {
        const zone = zoneOf(name);
        const instant = BigInt(seconds) * 1_000_000n;
        const back = instantOf(clockOf(instant, zone), zone);
        expect(back <= instant && clockOf(back, zone) === clockOf(instant, zone)).toBe(true);
        expect(clockOfDouble(Number(instant), zone)).toBe(Number(clockOf(instant, zone)));
      },
    ),
    { numRuns: 500 },
  );
});

test.each([
  ['Europe/Berlin', '2024-03-31T02:30:00', '2024-03-31T01:30:00Z', 'a gap moves the clock forward'],
  ['Europe/Berlin', '2024-10-27T02:30:00', '2024-10-27T00:30:00Z', 'an overlap means the earlier instant'],
  ['Europe/Berlin', '1850-01-01T00:00:00', '1849-12-31T23:06:32Z', 'solar time'],
  ['Australia/Lord_Howe', '2024-10-06T02:15:00', '2024-10-05T15:45:00Z', 'half an hour'],
  ['Pacific/Apia', '2011-12-30T12:00:00', '2011-12-30T22:00:00Z', 'a day that was not'],
  ['America/New_York', '2500-07-01T00:00:00', '2500-07-01T04:00:00Z', 'rules go on for ever'],
  ['-7:30', '2024-01-01T00:00:00', '2024-01-01T07:30:00Z', 'an offset'],
  ['GMT+1', '2024-01-01T00:00:00', '2023-12-31T23:00:00Z', 'an offset with a prefix'],
])('%s: %s is %s (%s)', (name, clock, instant) => {
  expect(instantOf(micros(clock), zoneOf(name))).toBe(micros(instant));
  expect(parseTimestamp(clock, zoneOf(name))).toBe(micros(instant));
});

test('a day begins where the clock goes on', () => {
  expect(startOfDay(17839, zoneOf('America/Sao_Paulo'))).toBe(micros('2018-11-04T03:00:00Z'));
  expect(startOfDay(-18539, zoneOf('America/Toronto'))).toBe(micros('1919-03-31T04:30:00Z'));
});

test('what is no zone is named, with the nearest', () => {
  expect(findZone('europe/berlin')).toBeNull();
  expect(() => zoneOf('Europe/Berln')).toThrow("There is no time zone 'Europe/Berln'.");
  try {
    zoneOf('Europe/Berln');
  } catch (error) {
    expect(error).toMatchObject({ condition: 'INVALID_TIMEZONE', hint: 'Did you mean Europe/Berlin, Europe/Dublin or Europe/Jersey?' });
  }
});
