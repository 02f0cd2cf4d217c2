/** Owns: `with_field drop_fields`: a struct with a field set or some gone, what Column.withField and dropFields make (Spark's update_fields). */
import { userError } from '../../core/errors.js';
import { type DataType, type Field, field, structOf } from '../../data/types.js';
import type { EngineValue } from '../../data/value.js';
import type { Argument, ScalarFunction } from './definition.js';
import { checkCount, wrongArgument } from './signature.js';

type Fields = readonly (EngineValue | null)[];

function fieldsOf(type: DataType): readonly Field[] {
  if (type.kind !== 'struct') throw wrongArgument('update_fields', 0, 'a struct', type);
  return type.fields;
}

const nameOf = (arg: Argument): string => (arg.literal as string).toLowerCase();
const isCalled = (name: string) => (f: Field) => f.name.toLowerCase() === name;

/** with_field(struct, name, value): every field of the name gets the value; where there is none, it comes last. */
const withField: ScalarFunction = {
  kind: 'scalar',
  name: 'with_field',
  nulls: 'custom',
  resolve: (args) => {
    checkCount('with_field', args.length, 3);
    const [struct, name, value] = args;
    const fields = fieldsOf(struct.type);
    const made = field(name.literal as string, value.type, value.nullable);
    const called = isCalled(nameOf(name));
    const next = fields.some(called) ? fields.map((f) => (called(f) ? made : f)) : [...fields, made];
    return { args: args.map((arg) => arg.type), result: structOf(next), nullable: struct.nullable };
  },
  evaluator: ({ args }) => {
    const hits = fieldsOf(args[0].type).map(isCalled(nameOf(args[1])));
    const isNew = !hits.includes(true);
    return (struct, _, value) => {
      if (struct === null) return null;
      const values = (struct as Fields).map((old, i) => (hits[i] ? value : old));
      return (isNew ? [...values, value] : values) as EngineValue;
    };
  },
};

/** drop_fields(struct, name, …): names that are not there are no error. */
const dropFields: ScalarFunction = {
  kind: 'scalar',
  name: 'drop_fields',
  nulls: 'custom',
  resolve: (args) => {
    checkCount('drop_fields', args.length, 2, Number.POSITIVE_INFINITY);
    const kept = fieldsOf(args[0].type).filter((_, i) => isKept(args)[i]);
    if (kept.length === 0) {
      throw userError('DATATYPE_MISMATCH.CANNOT_DROP_ALL_FIELDS', 'A struct must keep at least one field.', {
        hint: 'Drop the column itself with drop()',
      });
    }
    return { args: args.map((arg) => arg.type), result: structOf(kept), nullable: args[0].nullable };
  },
  evaluator: ({ args }) => {
    const kept = isKept(args);
    return (struct) => (struct === null ? null : ((struct as Fields).filter((_, i) => kept[i]) as EngineValue));
  },
};

function isKept([struct, ...names]: readonly Argument[]): boolean[] {
  const gone = new Set(names.map(nameOf));
  return fieldsOf(struct.type).map((f) => !gone.has(f.name.toLowerCase()));
}

export const STRUCT_FIELDS: readonly ScalarFunction[] = [withField, dropFields];
