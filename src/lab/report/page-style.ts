/** Owns: how a lab's report looks: one style sheet, light and dark by the reader's scheme, on screens from 400 pixels, and on paper. */

export const STYLE = `
:root {
  color-scheme: light dark;
  --surface: #ffffff; --page: #f6f7f9; --text: #1d2430; --quiet: #5b6675; --line: #dfe3e9; --grid: #e8ebf0;
  --accent: #2f5fd0; --fault: #c8321f; --good: #1a7f4b; --field: #fbfcfd;
  --heat-low: #e4ecfb; --heat-high: #16347f;
  --c0: #4269d0; --c1: #e8a317; --c2: #e8604c; --c3: #4fb3a0; --c4: #3ca951; --c5: #e07ba4; --c6: #9a63e0; --c7: #7aa6e8; --c8: #9c6b4e; --c9: #848a93;
}
@media (prefers-color-scheme: dark) {
  :root {
    --surface: #181d26; --page: #10141b; --text: #e6eaf0; --quiet: #9aa6b5; --line: #2c3440; --grid: #272e39;
    --accent: #86a8ff; --fault: #ff7a66; --good: #5ecb93; --field: #12171f;
    --heat-low: #1f2b45; --heat-high: #b9d0ff;
    --c0: #6d92f0; --c1: #efb73e; --c2: #ff7d68; --c3: #62c6b3; --c4: #57c26c; --c5: #f094ba; --c6: #b184f2; --c7: #9dc0f5; --c8: #bb8a6c; --c9: #a0a7b1;
  }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; overflow-wrap: break-word; }
main, header > div, footer { max-width: 1180px; margin: 0 auto; padding: 0 24px; }
header { background: var(--surface); border-bottom: 1px solid var(--line); padding: 28px 0 0; }
header .kind { margin: 0; color: var(--quiet); font-size: 13px; letter-spacing: .06em; text-transform: uppercase; }
h1 { margin: 2px 0 8px; font-size: 28px; line-height: 1.2; letter-spacing: -.01em; text-wrap: balance; }
header .about { max-width: 75ch; margin: 0 0 14px; }
.facts { display: flex; flex-wrap: wrap; gap: 4px 20px; margin: 0 0 14px; padding: 0; list-style: none; color: var(--quiet); font-size: 14px; }
.facts b { color: var(--text); font-weight: 600; }
.facts .bad b, .bad { color: var(--fault); }
nav { display: flex; gap: 2px; overflow-x: auto; }
nav a { padding: 8px 12px; color: var(--quiet); text-decoration: none; white-space: nowrap; border-bottom: 2px solid transparent; font-size: 14px; }
nav a:first-child { margin-left: -12px; }
nav a:hover { color: var(--text); border-color: var(--accent); }
a { color: var(--accent); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
main > section { margin: 34px 0; }
h2 { margin: 0 0 12px; font-size: 20px; }
h3 { margin: 0; font-size: 15px; }
h4 { margin: 26px 0 8px; font-size: 15px; }
h5 { margin: 14px 0 6px; font-size: 14px; }
p { margin: 0 0 10px; }
.none, .quiet { color: var(--quiet); }
.wide { overflow-x: auto; max-width: 100%; --left: 0px; --right: 0px; }
.wide:focus-visible { outline-offset: -2px; }
.more-left { --left: 64px; }
.more-right { --right: 64px; }
.more-left, .more-right { mask-image: linear-gradient(to right, transparent, #000 var(--left), #000 calc(100% - var(--right)), transparent); }
table { border-collapse: collapse; width: 100%; font-size: 14px; background: var(--surface); }
th, td { padding: 6px 12px; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); white-space: nowrap; }
td.text { white-space: normal; min-width: 240px; }
th { color: var(--quiet); font-weight: 600; font-size: 13px; line-height: 1.3; vertical-align: bottom; }
th.number { white-space: normal; min-width: 92px; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
td .deviation { font-weight: 400; color: var(--quiet); font-size: 12px; }
td.best { font-weight: 650; }
.frame { border: 1px solid var(--line); border-radius: 8px; background: var(--surface); }
.frame tr:last-child td { border-bottom: 0; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(340px, 100%), 1fr)); gap: 16px; }
.card { margin: 0; display: flex; flex-direction: column; padding: 14px 12px 8px; background: var(--surface); border: 1px solid var(--line); border-radius: 8px; min-width: 0; break-inside: avoid; }
.card figcaption { padding: 0 2px 6px; }
.card h5 { margin: 0; }
.card figcaption p { margin: 1px 0 0; color: var(--quiet); font-size: 12.5px; line-height: 1.35; }
.card svg { display: block; max-width: 100%; height: auto; margin: auto auto 0; }
.wide svg { display: block; max-width: none; }
svg text { font-family: system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
.keys { display: flex; flex-wrap: wrap; gap: 4px 18px; list-style: none; margin: 0 0 12px; padding: 0; font-size: 14px; }
.keys i { display: inline-block; width: 12px; height: 12px; border-radius: 3px; margin-right: 7px; vertical-align: -1px; }
details.cell { background: var(--surface); border: 1px solid var(--line); border-radius: 8px; margin: 0 0 10px; }
details.cell > summary { padding: 11px 16px; cursor: pointer; font-weight: 600; }
details.cell > summary span { color: var(--quiet); font-weight: 400; margin-left: 10px; white-space: nowrap; }
details.cell > div { padding: 0 16px 16px; border-top: 1px solid var(--line); }
details.cell section h4:first-child { margin-top: 18px; }
.marks { margin: 8px 0 0; padding-left: 26px; font-size: 14px; }
.marks li::marker { font-weight: 700; }
.marks .fault::marker { color: var(--fault); }
.marks .adapted::marker { color: var(--accent); }
.marks .at { color: var(--quiet); font-variant-numeric: tabular-nums; margin-right: 6px; }
.badge { display: inline-block; padding: 0 8px; border-radius: 10px; border: 1px solid var(--accent); color: var(--accent); font-size: 12.5px; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 14px; list-style: none; margin: 6px 0 0; padding: 0; color: var(--quiet); font-size: 12.5px; }
.swatch { width: 14px; height: 14px; margin-right: 5px; vertical-align: -2px; border-radius: 2px; }
${Array.from({ length: 7 }, (_, i) => `.h${i} { fill: color-mix(in oklab, var(--heat-high) ${Math.round((i / 6) * 100)}%, var(--heat-low)); }`).join('\n')}
.graph text { font-size: 12px; fill: var(--text); }
.graph .name { font-weight: 650; font-size: 13px; }
.graph .quiet { fill: var(--quiet); }
.graph .stage > rect:first-of-type { fill: var(--field); stroke: var(--line); stroke-width: 1.5; }
.graph .skipped > rect:first-of-type { stroke-dasharray: 5 4; }
.graph .edge { fill: none; stroke: var(--quiet); stroke-width: 1.5; }
.graph .arrow { fill: var(--quiet); }
.graph > text { fill: var(--quiet); font-size: 11.5px; paint-order: stroke; stroke: var(--surface); stroke-width: 4px; }
pre { margin: 0; padding: 12px 14px; overflow-x: auto; background: var(--field); border: 1px solid var(--line); border-radius: 6px; font: 12.5px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
.questions { padding-left: 22px; margin: 0; }
.questions li { margin: 0 0 16px; }
.questions label { display: block; margin-bottom: 6px; }
textarea { display: block; width: 100%; min-height: 76px; field-sizing: content; resize: vertical; padding: 8px 10px; color: inherit; background: var(--surface); border: 1px solid var(--line); border-radius: 6px; font: inherit; }
button { padding: 7px 14px; border: 1px solid var(--accent); border-radius: 6px; background: none; color: var(--accent); font: inherit; cursor: pointer; }
button:hover { background: var(--accent); color: var(--surface); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 3px 18px; margin: 0; }
dt { color: var(--quiet); }
dd { margin: 0; }
footer { padding: 18px 24px 32px; color: var(--quiet); font-size: 13px; }
@media (max-width: 600px) {
  main, header > div, footer { padding-left: 14px; padding-right: 14px; }
  h1 { font-size: 23px; }
  details.cell > div { padding: 0 12px 12px; }
  dl { grid-template-columns: 1fr; } dd { margin-bottom: 6px; }
  nav a:first-child { margin-left: -4px; } nav a { padding: 8px; }
}
@media print {
  body, header { background: none; }
  nav, button { display: none; }
  main > section { margin: 18px 0; }
  th, td { padding: 4px 6px; font-size: 12px; }
  .wide { overflow: visible; mask-image: none !important; } .wide svg { max-width: 100%; height: auto; }
  pre { white-space: pre-wrap; }
  details.cell { break-before: page; }
}
`;

/** What is wider than its frame fades out where there is more; paper shows what is folded; answers can be kept as a copy of the page with them in it. */
export const SCRIPT = `
const fade = (box) => {
  box.classList.toggle('more-left', box.scrollLeft > 1);
  box.classList.toggle('more-right', box.scrollWidth - box.clientWidth - box.scrollLeft > 1);
};
const sizes = new ResizeObserver((changes) => { for (const { target } of changes) fade(target); });
for (const box of document.querySelectorAll('.wide')) {
  box.addEventListener('scroll', () => fade(box), { passive: true });
  sizes.observe(box);
}
const folds = () => document.querySelectorAll('details');
let folded = [];
addEventListener('beforeprint', () => { folded = [...folds()].filter((fold) => !fold.open); for (const fold of folded) fold.open = true; });
addEventListener('afterprint', () => { for (const fold of folded) fold.open = false; });
for (const box of document.querySelectorAll('textarea')) box.addEventListener('input', () => { box.textContent = box.value; });
document.querySelector('#save')?.addEventListener('click', () => {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob(['<!doctype html>' + document.documentElement.outerHTML], { type: 'text/html' }));
  link.download = 'report-with-answers.html';
  link.click();
  URL.revokeObjectURL(link.href);
});
`;
