/** Owns: functions that make rows: `explode posexplode inline` by signature; `_outer` forms are a flag of the generate node. */
import { arrayOf, type DataType, type Field, field, INT32, structOf } from '../../data/types.js';
import type { Argument, GeneratorFunction } from './definition.js';
import { checkCount, wrongArgument } from './signature.js';

interface Output {
  readonly names: readonly string[];
  readonly types: readonly DataType[];
  readonly nullables: readonly boolean[];
}

function itemColumns(name: string, type: DataType): Field[] {
  if (type.kind === 'array') return [field('col', type.element, type.containsNull)];
  if (type.kind === 'map') return [field('key', type.key, false), field('value', type.value, type.valueContainsNull)];
  throw wrongArgument(name, 0, 'an array or a map', type);
}

const asOutput = (fields: readonly Field[]): Output => ({
  names: fields.map((f) => f.name),
  types: fields.map((f) => f.type),
  nullables: fields.map((f) => f.nullable),
});

/** One column is the element itself, several are a struct. */
function signatureOf(args: readonly Argument[], fields: readonly Field[]) {
  const element = fields.length === 1 ? fields[0].type : structOf(fields);
  return { args: args.map((arg) => arg.type), result: arrayOf(element), ...asOutput(fields) };
}

const explode = (name: string, withPosition: boolean): GeneratorFunction => ({
  kind: 'generator',
  name,
  resolve: (args) => {
    checkCount(name, args.length, 1);
    const items = itemColumns(name, args[0].type);
    return signatureOf(args, withPosition ? [field('pos', INT32, false), ...items] : items);
  },
});

const inline: GeneratorFunction = {
  kind: 'generator',
  name: 'inline',
  resolve: (args) => {
    checkCount('inline', args.length, 1);
    const [{ type }] = args;
    if (type.kind !== 'array' || type.element.kind !== 'struct') throw wrongArgument('inline', 0, 'an array of structs', type);
    return signatureOf(
      args,
      type.element.fields.map((f) => ({ ...f, nullable: f.nullable || type.containsNull })),
    );
  },
};

export const GENERATORS: readonly GeneratorFunction[] = [explode('explode', false), explode('posexplode', true), inline];
