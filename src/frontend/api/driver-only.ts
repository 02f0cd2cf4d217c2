/** Owns: the brand of objects that live on the driver alone; a closure that captures one is refused with the name it gives. */
export const DRIVER_ONLY: unique symbol = Symbol.for('minispark.driverOnly') as never;
