/**
 * Owns: reading a YAML text with the place of everything in it: a value that is wrong is told at its line and column, a key with its nearest.
 * Receives text and path, gives nodes that read themselves as text, list or mapping. All faults are user errors INVALID_LAB.
 */
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument, type Scalar } from 'yaml';
import { type CallSite, type MinisparkError, userError } from '../core/errors.js';
import { didYouMean } from '../core/nearest.js';

/** A text of the file and where it stands. */
export interface Placed {
  readonly text: string;
  readonly site: CallSite;
}

interface Source {
  readonly file: string;
  readonly lines: LineCounter;
}

export function labError(site: CallSite, message: string, hint?: string): MinisparkError {
  return userError('INVALID_LAB', message, { site, hint: hint === '' ? undefined : hint });
}

/** The document's root. `file` must be absolute: it stands in errors. */
export function readYaml(text: string, file: string): YamlNode {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const source = { file, lines };
  const [error] = document.errors;
  if (error) throw labError(siteAt(source, error.pos[0]), `This is no YAML: ${error.message}`);
  return new YamlNode(source, document.contents, { file, line: 1, column: 1 }, 'a lab');
}

function siteAt({ file, lines }: Source, offset: number): CallSite {
  const { line, col } = lines.linePos(offset);
  return { file, line: Math.max(1, line), column: Math.max(1, col) };
}

export class YamlNode {
  readonly site: CallSite;
  /** Where its key stands; in a list the same as `site`. */
  readonly keySite: CallSite;
  /** What a person calls it: `matrix.shuffle.writer`. */
  readonly name: string;
  private readonly source: Source;
  private readonly node: Node | null;

  constructor(source: Source, node: Node | null, keySite: CallSite, name: string) {
    this.source = source;
    this.node = node;
    this.name = name;
    this.keySite = keySite;
    this.site = node?.range ? siteAt(source, node.range[0]) : keySite;
  }

  fail(message: string, hint?: string): MinisparkError {
    return labError(this.site, message, hint);
  }

  get isList(): boolean {
    return isSeq(this.node);
  }

  /** A scalar as it is written: `1g`, `2048`, `true`. */
  placed(): Placed {
    if (isAlias(this.node)) throw this.fail(`${this.name} is an alias, which labs do not have.`);
    if (!isScalar(this.node) || this.node.value === null) throw this.fail(`${this.name} takes one value.`);
    const { value, source, type } = this.node;
    return { text: type === 'PLAIN' && source !== undefined ? source : String(value), site: this.site };
  }

  text(): string {
    const { text } = this.placed();
    if (text.trim() === '') throw this.fail(`${this.name} is empty.`);
    return text.trim();
  }

  /** A whole number from `least`. */
  count(least: number): number {
    const text = this.text();
    const value = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
    if (Number.isSafeInteger(value) && value >= least) return value;
    throw this.fail(`${this.name} takes a whole number from ${least}, not '${text}'.`);
  }

  /** Its values; one value is a list of one. */
  list(): YamlNode[] {
    if (isScalar(this.node) && this.node.value !== null) return [this];
    if (!isSeq(this.node)) throw this.fail(`${this.name} takes a list: [a, b].`);
    if (this.node.items.length === 0) throw this.fail(`${this.name} is an empty list.`);
    return this.node.items.map((item, i) => new YamlNode(this.source, item as Node, this.site, `${this.name}[${i}]`));
  }

  /** Key → value, in order; with `known`, any other key is refused. */
  mapping(known?: readonly string[]): Map<string, YamlNode> {
    if (!isMap(this.node)) throw this.fail(`${this.name} takes keys with values.`);
    const entries = new Map<string, YamlNode>();
    for (const pair of this.node.items as Pair<Scalar, Node | null>[]) {
      const site = pair.key?.range ? siteAt(this.source, pair.key.range[0]) : this.site;
      const key = isScalar(pair.key) ? String(pair.key.value) : '';
      if (known && !known.includes(key)) {
        throw labError(site, `There is no key '${key}' in ${this.name}.`, didYouMean(key, known) || `It has ${known.join(', ')}.`);
      }
      const name = this.name === 'a lab' ? key : `${this.name}.${key}`;
      const value = new YamlNode(this.source, pair.value, site, name);
      entries.set(key, value);
    }
    return entries;
  }
}
