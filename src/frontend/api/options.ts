/** Owns: options of files as users give them and as plans hold them. */
export type OptionValue = string | number | boolean;

export function optionText(options: Readonly<Record<string, OptionValue>>): Record<string, string> {
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [name, String(value)]));
}
