/** Colours of the lines, told apart by dashes too once there are many. */

const COLOURS = 8;

/** The colour of a line as the theme has it now. */
export function colourOf(element: Element, index: number, own?: string): string {
  if (own) return own;
  return css(element, `--series-${(index % COLOURS) + 1}`, "#3450c8");
}

export function css(element: Element, name: string, otherwise: string): string {
  return getComputedStyle(element).getPropertyValue(name).trim() || otherwise;
}

/** Lines of an earlier period are dotted; beyond four lines, dashes tell them apart without the colour. */
export function dashOf(index: number, shifted: boolean): number[] | undefined {
  if (shifted) return [2, 4];
  if (index < 4) return undefined;
  return index < 8 ? [8, 4] : [10, 3, 2, 3];
}
