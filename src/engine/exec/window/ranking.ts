/** Owns: functions of a row's place in its partition: row_number, rank, dense_rank, percent_rank, cume_dist, ntile. */
import type { Column, FixedArray } from '../../../data/batch.js';
import type { Block } from './block.js';

type Partition = (start: number, end: number) => void;

const fixed = (values: FixedArray): Column => ({ layout: 'fixed', length: values.length, validity: null, values });

function eachPartition({ starts, partitions }: Block, body: Partition): void {
  for (let p = 0; p < partitions; p++) body(starts[p], starts[p + 1]);
}

export function rowNumber(block: Block): Column {
  const values = new Int32Array(block.length);
  eachPartition(block, (start, end) => {
    for (let i = start; i < end; i++) values[i] = i - start + 1;
  });
  return fixed(values);
}

export function rank(block: Block): Column {
  const values = new Int32Array(block.length);
  const { from } = block.peers();
  eachPartition(block, (start, end) => {
    for (let i = start; i < end; i++) values[i] = from[i] - start + 1;
  });
  return fixed(values);
}

export function denseRank(block: Block): Column {
  const values = new Int32Array(block.length);
  const { from } = block.peers();
  eachPartition(block, (start, end) => {
    let rank = 0;
    for (let i = start; i < end; i++) {
      if (from[i] === i) rank++;
      values[i] = rank;
    }
  });
  return fixed(values);
}

/** 0 where the row is alone. */
export function percentRank(block: Block): Column {
  const values = new Float64Array(block.length);
  const { from } = block.peers();
  eachPartition(block, (start, end) => {
    const others = end - start - 1;
    for (let i = start; i < end; i++) values[i] = others === 0 ? 0 : (from[i] - start) / others;
  });
  return fixed(values);
}

export function cumeDist(block: Block): Column {
  const values = new Float64Array(block.length);
  const { to } = block.peers();
  eachPartition(block, (start, end) => {
    for (let i = start; i < end; i++) values[i] = (to[i] - start) / (end - start);
  });
  return fixed(values);
}

export function ntile(block: Block, parts: number): Column {
  const values = new Int32Array(block.length);
  eachPartition(block, (start, end) => {
    for (let i = start; i < end; i++) values[i] = tileOf(i - start, end - start, parts);
  });
  return fixed(values);
}

/** The first `rows % parts` tiles have one row more than the others. */
export function tileOf(row: number, rows: number, parts: number): number {
  const size = Math.floor(rows / parts);
  const larger = rows % parts;
  const inLarger = larger * (size + 1);
  return row < inLarger ? Math.floor(row / (size + 1)) + 1 : larger + Math.floor((row - inLarger) / size) + 1;
}
