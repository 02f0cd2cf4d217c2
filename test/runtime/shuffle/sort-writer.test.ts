import { createSortWriter } from '../../../src/runtime/shuffle/sort-writer.js';
import { describeWriter } from './writer-contract.js';

describeWriter('sort writer', createSortWriter);
