// What every browser test needs: Debian's Chromium, a fresh person in it, and pictures of what that person saw.
import { chromium } from 'playwright-core';
import { mkdirSync } from 'node:fs';

export const shots = process.env.GUESTGATE_SHOTS ?? new URL('./shots', import.meta.url).pathname;
mkdirSync(shots, { recursive: true });

export async function open(options = {}) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync',
      ...(process.env.TRUSTED_KEY ? [`--ignore-certificate-errors-spki-list=${process.env.TRUSTED_KEY}`] : []),
      ...(process.env.HOST_RULES ? [`--host-resolver-rules=${process.env.HOST_RULES}`] : []),
    ],
  });
  const person = async (more = {}) => {
    const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1280, height: 800 }, ...options, ...more });
    context.setDefaultTimeout(20_000);
    return context;
  };
  return { browser, person };
}

export async function shot(page, name) {
  await page.screenshot({ path: `${shots}/${name}.png`, fullPage: true });
}

export function check(condition, claim) {
  if (!condition) throw new Error(`does not hold: ${claim}`);
  console.log(`ok ${claim}`);
}

// The newest mail for an address, from the folder of .eml files; waits until one that fits is there.
export async function mail(folder, to, fits = () => true) {
  const { existsSync, readdirSync, readFileSync, statSync } = await import('node:fs');
  const end = Date.now() + 20_000;
  for (;;) {
    const found = (existsSync(folder) ? readdirSync(folder) : [])
      .filter((name) => name.endsWith('.eml'))
      .map((name) => ({ at: statSync(`${folder}/${name}`).mtimeMs, text: readFileSync(`${folder}/${name}`, 'utf8') }))
      .sort((a, b) => b.at - a.at)
      .map(({ text }) => text.replace(/=\r?\n/g, '').replace(/=3D/g, '='))
      .find((text) => text.toLowerCase().includes(`to: ${to}`) && fits(text));
    if (found) return found;
    if (Date.now() > end) throw new Error(`no such mail for ${to}`);
    await new Promise((next) => setTimeout(next, 50));
  }
}
