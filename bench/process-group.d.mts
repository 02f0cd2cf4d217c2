/** Types of process-group.mjs for tests. */
export const CAN_MEASURE: boolean;
