/** Types of process-group.mjs for tests. */
export const CAN_MEASURE: boolean;
/** Bytes of all processes of the group now; see process-group.mjs. */
export function readMemory(group: number): number;
