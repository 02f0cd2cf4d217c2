/** Owns: `url_encode url_decode try_url_decode parse_url try_parse_url`: URLs and their parts, as Java reads them. */
import { userError } from '../../core/errors.js';
import { STRING } from '../../data/types.js';
import type { ScalarFunction } from './definition.js';
import { scalar } from './scalar.js';
import { ONLY_TEXT, TEXT } from './signature.js';

/** application/x-www-form-urlencoded: blanks are +, and only letters, digits and . - * _ stay. */
const encode = (text: string): string =>
  Buffer.from(text, 'utf8')
    .toString('latin1')
    .replace(/[^A-Za-z0-9.*_ -]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)
    .replaceAll(' ', '+');

/** Null where a % is not followed by two hexadecimal digits. */
function decode(text: string): string | null {
  if (/%(?![0-9a-fA-F]{2})/.test(text)) return null;
  const bytes = Buffer.from(text.replaceAll('+', ' '), 'utf8').toString('latin1');
  const decoded = bytes.replace(/%([0-9a-fA-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(decoded, 'latin1').toString('utf8');
}

function decodeOrFail(text: string): string {
  const decoded = decode(text);
  if (decoded !== null) return decoded;
  throw userError('CANNOT_DECODE_URL', `'${text}' is no encoded URL: a % in it is not followed by two hexadecimal digits.`, {
    hint: 'Use try_url_decode to get null instead',
  });
}

/** RFC 3986, appendix B. */
const URL_PARTS = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/;
const AUTHORITY = /^(?:(.*)@)?(\[[^\]]*\]|[^:@]*)(?::\d*)?$/;

function tryParseUrl(url: string, part: string, key?: string): string | null {
  return matchUrl(url) === null ? null : parseUrl(url, part, key);
}

const matchUrl = (url: string) => (/[\s"<>\\^`{|}]/.test(url) ? null : URL_PARTS.exec(url));

function parseUrl(url: string, part: string, key?: string): string | null {
  const match = matchUrl(url);
  if (match === null) throw userError('INVALID_URL', `'${url}' is no URL.`, { hint: 'Filter such rows out first' });
  const [, protocol, authority, path, query, ref] = match;
  const [, userInfo, host] = AUTHORITY.exec(authority ?? '') ?? [];
  if (key !== undefined) return part === 'QUERY' && query !== undefined ? queryValue(query, key) : null;
  const parts: Readonly<Record<string, string | undefined>> = {
    PROTOCOL: protocol,
    AUTHORITY: authority,
    USERINFO: userInfo,
    HOST: host || undefined,
    PATH: path,
    QUERY: query,
    REF: ref,
    FILE: query === undefined ? path : `${path}?${query}`,
  };
  return (Object.hasOwn(parts, part) ? parts[part] : undefined) ?? null;
}

function queryValue(query: string, key: string): string | null {
  const pair = query.split('&').find((item) => item.startsWith(`${key}=`));
  return pair === undefined ? null : pair.slice(key.length + 1);
}

export const URLS: readonly ScalarFunction[] = [
  scalar('url_encode', [TEXT], STRING, encode),
  scalar('url_decode', [TEXT], STRING, decodeOrFail),
  scalar('try_url_decode', [TEXT], STRING, decode, { nullable: true }),
  scalar('parse_url', [ONLY_TEXT, ONLY_TEXT, ONLY_TEXT], STRING, parseUrl, { required: 2, nullable: true }),
  scalar('try_parse_url', [ONLY_TEXT, ONLY_TEXT, ONLY_TEXT], STRING, tryParseUrl, { required: 2, nullable: true }),
];
