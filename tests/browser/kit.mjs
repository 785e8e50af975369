// What every browser test needs: Debian's Chromium, a fresh person in it, and pictures of what that person saw.
import { chromium } from 'playwright-core';
import { createHmac } from 'node:crypto';
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

// Whether nothing on the page is wider than the window.
export const fits = (page, width) => page.evaluate((most) => document.documentElement.scrollWidth <= most, width);

// The code of six digits that an authenticator app shows for a key, so many steps of thirty seconds from now.
export function totp(key, later = 0) {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...key.replace(/\s/g, '')].map((c) => letters.indexOf(c).toString(2).padStart(5, '0')).join('');
  const secret = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + later));
  const mac = createHmac('sha1', secret).update(step).digest();
  return String((mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

// The newest code that was mailed to an address, but for those that were seen before.
export async function code(folder, to, seen = []) {
  const found = (text) => text.match(/^\s*(\d{4})\s?(\d{4})\s*$/m)?.slice(1).join('');
  return found(await mail(folder, to, (text) => found(text) && !seen.includes(found(text))));
}

// Mails in scripts of their own are sent as base64, others nearly as they read.
const BASE64 = /(content-transfer-encoding: base64\r?\n(?:[^\r\n]+\r?\n)*\r?\n)([A-Za-z0-9+/=\r\n]+)/gi;
const readable = (text) =>
  text.replace(BASE64, (_, head, body) => `${head}${Buffer.from(body, 'base64').toString('utf8')}\n`).replace(/=\r?\n/g, '').replace(/=3D/g, '=');

// The newest mail for an address, from the folder of .eml files; waits until one that fits is there.
export async function mail(folder, to, fits = () => true) {
  const { existsSync, readdirSync, readFileSync, statSync } = await import('node:fs');
  const end = Date.now() + 20_000;
  for (;;) {
    const found = (existsSync(folder) ? readdirSync(folder) : [])
      .filter((name) => name.endsWith('.eml'))
      .map((name) => ({ at: statSync(`${folder}/${name}`).mtimeMs, text: readFileSync(`${folder}/${name}`, 'utf8') }))
      .sort((a, b) => b.at - a.at)
      .map(({ text }) => readable(text))
      .find((text) => text.toLowerCase().includes(`to: ${to}`) && fits(text));
    if (found) return found;
    if (Date.now() > end) throw new Error(`no such mail for ${to}`);
    await new Promise((next) => setTimeout(next, 50));
  }
}
