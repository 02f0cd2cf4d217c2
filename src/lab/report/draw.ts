/** Owns: drawing a plot as SVG text, by Observable Plot in a document of linkedom's. Colours are the page's variables, so that they follow its scheme. */
import { type PlotOptions, plot } from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { Html } from './html.js';

const { document } = parseHTML('<!doctype html><html><body></body></html>');

/** Room for a number at the right of a bar. */
const FONT = 12;

/** `label`: what the picture shows, for those who do not see it. */
export function draw(label: string, options: PlotOptions): Html {
  const style = { fontSize: `${FONT}px`, overflow: 'visible', background: 'none' };
  const svg = plot({ ...options, style, document: document as never }) as unknown as {
    outerHTML: string;
    setAttribute(name: string, value: string): void;
  };
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', label);
  // Plot's own style sheet is the same in each, and so in the page's.
  return new Html(svg.outerHTML.replace(/<style>[\s\S]*?<\/style>/, ''));
}

/** For marks of our own. */
export function svgElement(name: string, attributes: Readonly<Record<string, string>>, text?: string) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

const COLOURS = 10;

export const colour = (index: number): string => `var(--c${index % COLOURS})`;

/** Pixels that a text of that size takes, about. */
export const textWidth = (text: string): number => Math.ceil([...text].length * FONT * 0.56);

export function cutText(text: string, letters: number): string {
  return [...text].length <= letters ? text : `${[...text].slice(0, letters - 1).join('')}…`;
}
