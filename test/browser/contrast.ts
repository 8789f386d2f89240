import { Page } from 'playwright-core';

type Colour = readonly [red: number, green: number, blue: number];

interface Text {
  readonly words: string;
  readonly colour: string;
  readonly opacity: number;
}

/** The numbers of `rgb(1, 2, 3)` or `rgba(1, 2, 3, 0.5)`. */
function numbers(colour: string): number[] {
  return (colour.match(/[\d.]+/g) ?? []).map(Number);
}

function luminance(colour: Colour): number {
  const [red = 0, green = 0, blue = 0] = colour.map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(front: Colour, back: Colour): number {
  const [light = 0, dark = 0] = [luminance(front), luminance(back)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

/** Texts of the page whose contrast with the page's ground is below the ratio, with that contrast. */
export async function unreadable(page: Page, ratio: number): Promise<string[]> {
  const { ground, texts } = await page.evaluate(() => {
    const probe = document.body.appendChild(document.createElement('i'));
    probe.style.color = 'Canvas';
    const canvas = getComputedStyle(probe).color;
    probe.remove();
    const seen: Text[] = [];
    for (const element of document.querySelectorAll('body *')) {
      const own = [...element.childNodes].filter(({ nodeType }) => nodeType === Node.TEXT_NODE);
      const words = own.map(({ textContent }) => textContent ?? '').join('');
      if (words.trim() === '' || element.getClientRects().length === 0) continue;
      let opacity = 1;
      for (let up: Element | null = element; up; up = up.parentElement) opacity *= Number(getComputedStyle(up).opacity);
      seen.push({ words: words.trim().slice(0, 40), colour: getComputedStyle(element).color, opacity });
    }
    return { ground: canvas, texts: seen };
  });
  const [red = 0, green = 0, blue = 0] = numbers(ground);
  const back: Colour = [red, green, blue];
  if (texts.length === 0) throw new Error('the page shows no text');
  return texts.flatMap(({ words, colour, opacity }) => {
    const parts = numbers(colour);
    const alpha = (parts[3] ?? 1) * opacity;
    const mixed = back.map((behind, index) => (parts[index] ?? 0) * alpha + behind * (1 - alpha));
    const found = contrast([mixed[0] ?? 0, mixed[1] ?? 0, mixed[2] ?? 0], back);
    return found < ratio ? [`${words}: ${found.toFixed(2)}`] : [];
  });
}

/** Whether light text stands on a dark ground. */
export async function isDark(page: Page): Promise<boolean> {
  const [text, ground] = await page.evaluate(() => {
    const probe = document.body.appendChild(document.createElement('i'));
    probe.style.color = 'Canvas';
    const colours = [getComputedStyle(document.body).color, getComputedStyle(probe).color] as const;
    probe.remove();
    return colours;
  });
  const bright = (colour: string): number => numbers(colour)[1] ?? 0;
  return bright(text) > bright(ground);
}
