/** Owns: holding a lab against its job: arguments that the job does not take, values that it refuses, data that it has no `input` for. */
import { didYouMean } from '../core/nearest.js';
import { type ArgSpecs, parseJobArgs } from '../frontend/api/job.js';
import { atSite, type Lab } from './lab-file.js';
import { labError, type Placed } from './yaml-reader.js';

/** Throws INVALID_LAB at the place of the fault. `specs`: what the job declares; null where it takes anything. */
export function checkJobArguments(lab: Lab, specs: ArgSpecs | null): void {
  const given = new Map<string, readonly Placed[]>([...lab.args].map(([name, value]) => [name, [value]]));
  for (const { key, site, values } of lab.matrix) {
    if (key.startsWith('args.'))
      given.set(
        key.slice('args.'.length),
        values.map(({ text }) => ({ text, site })),
      );
  }
  if (lab.data) given.set('input', [{ text: 'data', site: lab.data.site }]);
  if (specs === null) return;
  const names = Object.keys(specs);
  for (const [name, values] of given) {
    for (const { text, site } of values) {
      if (!Object.hasOwn(specs, name)) {
        const hint = didYouMean(name, names) || (names.length > 0 ? `It takes ${names.join(', ')}.` : 'It takes none.');
        throw labError(
          site,
          name === 'input' && lab.data ? 'The job takes no argument input, which data goes to.' : `The job takes no argument ${name}.`,
          hint,
        );
      }
      atSite(site, () => parseJobArgs({ [name]: specs[name] }, { [name]: text }));
    }
  }
  for (const [name, { required, default: value }] of Object.entries(specs)) {
    if (required && value === undefined && !given.has(name))
      throw labError(lab.job.site, `The job needs the argument ${name}.`, `Give it below 'args'.`);
  }
}
