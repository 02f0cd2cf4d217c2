/** Owns: bytes and their encodings: `to_binary try_to_binary`, base 32, keyed digests, AES, and the places of bits in bitmaps. */
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { userError } from '../../core/errors.js';
import { BINARY, INT64, STRING } from '../../data/types.js';
import type { EngineValue } from '../../data/value.js';
import type { ScalarFunction } from './definition.js';
import { scalar } from './scalar.js';
import { type Accept, castTypes, LONG, TEXT, TEXT_OR_BINARY } from './signature.js';

const BYTES: Accept = { label: 'binary', cast: (type) => (['binary', 'string', 'null'].includes(type.kind) ? BINARY : null) };
const FORMATS = ['hex', 'utf-8', 'utf8', 'base64'];

/** Null for text that the format does not give. */
function bytesOf(text: string, format: string): Uint8Array | null {
  switch (format.toLowerCase()) {
    case 'hex':
      return /^[0-9a-fA-F]*$/.test(text) ? new Uint8Array(Buffer.from(text.length % 2 === 1 ? `0${text}` : text, 'hex')) : null;
    case 'base64': {
      const bare = text.replace(/\s/g, '');
      return /^[A-Za-z0-9+/]*={0,2}$/.test(bare) && bare.length % 4 === 0 ? new Uint8Array(Buffer.from(bare, 'base64')) : null;
    }
    default:
      return new Uint8Array(Buffer.from(text, 'utf8'));
  }
}

const toBinary = (name: string, safe: boolean): ScalarFunction => ({
  kind: 'scalar',
  name,
  nulls: 'propagate',
  resolve: (args) => {
    const types = castTypes(name, args, [TEXT, TEXT], 1);
    const format = args[1]?.literal;
    if (typeof format === 'string' && !FORMATS.includes(format.toLowerCase())) {
      throw userError('DATATYPE_MISMATCH.INVALID_ARG_VALUE', `${name} has no format '${format}'.`, {
        hint: 'There are hex, utf-8 and base64',
      });
    }
    return { args: types, result: BINARY, nullable: safe };
  },
  evaluator: () => (text, format) => {
    const bytes = bytesOf(text as string, (format as string | undefined) ?? 'hex');
    if (bytes !== null || safe) return bytes;
    throw userError('CONVERSION_INVALID_INPUT', `'${text}' is no ${format ?? 'hex'} text.`, {
      hint: 'Use try_to_binary to get null instead',
    });
  },
});

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** RFC 4648, with padding. */
function toBase32(bytes: Uint8Array): string {
  let text = '';
  for (let from = 0; from < bytes.length; from += 5) {
    const part = bytes.subarray(from, from + 5);
    let bits = 0n;
    for (let i = 0; i < 5; i++) bits = (bits << 8n) | BigInt(part[i] ?? 0);
    const digits = Math.ceil((part.length * 8) / 5);
    for (let i = 0; i < 8; i++) text += i < digits ? DIGITS[Number((bits >> BigInt(35 - 5 * i)) & 31n)] : '=';
  }
  return text;
}

function fromBase32(text: string): Uint8Array {
  const digits = text.replace(/=+$/, '').toUpperCase();
  const bytes = new Uint8Array(Math.floor((digits.length * 5) / 8));
  let bits = 0;
  let count = 0;
  let at = 0;
  for (const digit of digits) {
    const value = DIGITS.indexOf(digit);
    if (value < 0) throw userError('CONVERSION_INVALID_INPUT', `'${text}' is no text of base 32.`);
    bits = ((bits << 5) | value) & 0xfff;
    count += 5;
    if (count < 8) continue;
    count -= 8;
    bytes[at++] = (bits >> count) & 0xff;
  }
  return bytes;
}

const IV_BYTES = { ECB: 0, CBC: 16, GCM: 12 } as const;
const TAG_BYTES = 16;

interface Cipher {
  readonly name: string;
  readonly mode: keyof typeof IV_BYTES;
}

function cipherOf(key: Uint8Array, mode: string, padding: string): Cipher {
  if (![16, 24, 32].includes(key.length)) {
    throw userError('INVALID_PARAMETER_VALUE.AES_KEY_LENGTH', `A key of AES has 16, 24 or 32 bytes, and this ${key.length}.`);
  }
  const upper = mode.toUpperCase();
  const pads = padding.toUpperCase();
  if (!Object.hasOwn(IV_BYTES, upper) || !['DEFAULT', upper === 'GCM' ? 'NONE' : 'PKCS'].includes(pads)) {
    throw userError('UNSUPPORTED_FEATURE.AES_MODE', `There is no AES with mode ${mode} and padding ${padding}.`, {
      hint: 'There are GCM, CBC and ECB, with padding DEFAULT',
    });
  }
  return { name: `aes-${key.length * 8}-${upper.toLowerCase()}`, mode: upper as Cipher['mode'] };
}

/** The initialisation vector, the text, and of GCM the tag. */
function encrypt(
  bytes: Uint8Array,
  key: Uint8Array,
  mode = 'GCM',
  padding = 'DEFAULT',
  given?: Uint8Array,
  extra?: Uint8Array,
): Uint8Array {
  const cipher = cipherOf(key, mode, padding);
  const length = IV_BYTES[cipher.mode];
  const iv = given === undefined || given.length === 0 ? randomBytes(length) : given;
  if (iv.length !== length) {
    throw userError(
      'INVALID_PARAMETER_VALUE.AES_IV_LENGTH',
      `An initialisation vector of ${mode} has ${length} bytes, and this ${iv.length}.`,
    );
  }
  if (cipher.mode !== 'GCM') {
    const made = createCipheriv(cipher.name, key, length === 0 ? null : iv);
    return new Uint8Array(Buffer.concat([iv, made.update(bytes), made.final()]));
  }
  const made = createCipheriv(cipher.name as 'aes-128-gcm', key, iv);
  if (extra !== undefined) made.setAAD(extra);
  return new Uint8Array(Buffer.concat([iv, made.update(bytes), made.final(), made.getAuthTag()]));
}

/** Throws a plain error where the text is not one of this key. */
function decipher(bytes: Uint8Array, key: Uint8Array, { name, mode }: Cipher, extra: Uint8Array | undefined): Uint8Array {
  const length = IV_BYTES[mode];
  const iv = bytes.subarray(0, length);
  if (mode !== 'GCM') {
    const made = createDecipheriv(name, key, length === 0 ? null : iv);
    return new Uint8Array(Buffer.concat([made.update(bytes.subarray(length)), made.final()]));
  }
  const made = createDecipheriv(name as 'aes-128-gcm', key, iv, { authTagLength: TAG_BYTES });
  if (extra !== undefined) made.setAAD(extra);
  made.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
  return new Uint8Array(Buffer.concat([made.update(bytes.subarray(length, bytes.length - TAG_BYTES)), made.final()]));
}

function decrypting(safe: boolean) {
  return (bytes: Uint8Array, key: Uint8Array, mode = 'GCM', padding = 'DEFAULT', extra?: Uint8Array): EngineValue | null => {
    const cipher = cipherOf(key, mode, padding);
    try {
      return decipher(bytes, key, cipher, extra);
    } catch (cause) {
      if (safe) return null;
      throw userError('INVALID_PARAMETER_VALUE.AES_CRYPTO_ERROR', `These bytes were not encrypted with this key and mode.`, {
        hint: 'Use try_aes_decrypt to get null instead',
        cause,
      });
    }
  };
}

/** Of a bitmap. */
const BITS = 32_768n;
const bitPosition = (value: bigint): bigint => (value > 0n ? (value - 1n) % BITS : -value % BITS);
const bucketNumber = (value: bigint): bigint => (value > 0n ? 1n + (value - 1n) / BITS : value / BITS);

function countBits(bytes: Uint8Array): bigint {
  let count = 0;
  for (const byte of bytes) for (let rest = byte; rest !== 0; rest &= rest - 1) count++;
  return BigInt(count);
}

/** SHA-256 unless it says otherwise. */
function keyedDigest(key: Uint8Array, message: Uint8Array, algorithm = 'SHA-256'): Uint8Array {
  const name = algorithm.toLowerCase().replace('-', '');
  if (!['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'].includes(name)) {
    throw userError('INVALID_PARAMETER_VALUE.HMAC_ALGORITHM', `There is no digest '${algorithm}'.`, {
      hint: 'SHA-256 and SHA-512 are some',
    });
  }
  return new Uint8Array(createHmac(name, key).update(message).digest());
}

export const BINARY_TEXTS: readonly ScalarFunction[] = [
  toBinary('to_binary', false),
  toBinary('try_to_binary', true),
  scalar('to_base32', [BYTES], STRING, toBase32),
  scalar('from_base32', [TEXT], BINARY, fromBase32),
  scalar('hmac', [BYTES, BYTES, TEXT], BINARY, keyedDigest, { required: 2 }),
  { ...scalar('aes_encrypt', [BYTES, BYTES, TEXT, TEXT, BYTES, BYTES], BINARY, encrypt, { required: 2 }), deterministic: false },
  scalar('aes_decrypt', [BYTES, BYTES, TEXT, TEXT, BYTES], BINARY, decrypting(false), { required: 2 }),
  scalar('try_aes_decrypt', [BYTES, BYTES, TEXT, TEXT, BYTES], BINARY, decrypting(true), { required: 2, nullable: true }),
  scalar('bitmap_bit_position', [LONG], INT64, bitPosition),
  scalar('bitmap_bucket_number', [LONG], INT64, bucketNumber),
  scalar('bitmap_count', [TEXT_OR_BINARY], INT64, (bytes: Uint8Array | string) =>
    countBits(typeof bytes === 'string' ? Buffer.from(bytes) : bytes),
  ),
];
