// A guest's way without a password: invitation, code, passkey, app; a page that asks for an authenticator app; signing in again by passkey
// alone, and the app's code for the same page. In a wide window and on a phone.
// Wants in the environment: LINKS (direct invitations of two guests, separated by a space), EMAILS, APP, PORTAL, OUTBOX, CERT, HOST_RULES.
import { createHash, createHmac, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';

const { LINKS, EMAILS, APP, PORTAL, OUTBOX, CERT } = process.env;
// A certificate that is only waved through would not do: browsers offer passkeys to nobody whom they do not trust.
const key = new X509Certificate(readFileSync(CERT)).publicKey.export({ type: 'spki', format: 'der' });
process.env.TRUSTED_KEY = createHash('sha256').update(key).digest('base64');
const { check, mail, open, shot } = await import('./kit.mjs');
const { browser, person } = await open({ ignoreHTTPSErrors: false });

// The code of six digits that an app shows for a key, so many steps of thirty seconds from now.
function totp(key, later = 0) {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...key.replace(/\s/g, '')].map((c) => letters.indexOf(c).toString(2).padStart(5, '0')).join('');
  const secret = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + later));
  const mac = createHmac('sha1', secret).update(step).digest();
  return String((mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

const fits = (page, width) => page.evaluate((most) => document.documentElement.scrollWidth <= most, width);

async function way(name, viewport, link, email) {
  const context = await person({ viewport });
  const ann = await context.newPage();
  const errors = [];
  ann.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  ann.on('pageerror', (error) => errors.push(String(error)));
  const devices = await context.newCDPSession(ann);
  await devices.send('WebAuthn.enable');
  const { authenticatorId } = await devices.send('WebAuthn.addVirtualAuthenticator', {
    options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
  });
  const look = async (step) => {
    await shot(ann, `passkey-${name}-${step}`);
    check(await fits(ann, viewport.width), `${name}: nothing hangs over at ${step}`);
  };

  await ann.goto(link);
  await ann.locator('form[action*="/invitations/"] button').first().click();
  const code = (await mail(OUTBOX, email, (text) => /^\s*\d{4}\s?\d{4}\s*$/m.test(text))).match(/^\s*(\d{4})\s?(\d{4})\s*$/m);
  await ann.fill('input[name=code]', code[1] + code[2]);
  await ann.locator('form:has(input[name=code]) button').first().click();
  await ann.locator('form[data-question]').waitFor();
  await look('1-offer');
  await ann.getByRole('button', { name: 'Set up a passkey' }).click();
  await ann.waitForURL(`${APP}/`);
  const { credentials } = await devices.send('WebAuthn.getCredentials', { authenticatorId });
  check(credentials.length === 1 && credentials[0].isResidentCredential, `${name}: the device holds a discoverable passkey, and the way ends in the app`);
  check((await mail(OUTBOX, email, (text) => text.includes('passkey was added'))).length > 0, `${name}: a mail tells of it`);

  await ann.goto(`${APP}/vault/7?x=1`);
  check(ann.url().startsWith(`${PORTAL}/signin`), `${name}: the vault asks for more`);
  await look('2-authenticator');
  const secret = await ann.locator('code.key').innerText();
  await ann.fill('input[name=code]', '000000');
  await ann.getByRole('button', { name: 'Continue' }).click();
  await ann.locator('[role=alert]').waitFor();
  await look('3-wrong');
  check((await ann.locator('code.key').innerText()) === secret, `${name}: a wrong code does not change the key`);
  await ann.fill('input[name=code]', totp(secret));
  await ann.getByRole('button', { name: 'Continue' }).click();
  await ann.waitForURL(`${APP}/vault/7?x=1`);
  check(true, `${name}: and back at the page that asked`);

  await ann.goto(`${PORTAL}/account`);
  await look('4-account');
  await ann.getByRole('button', { name: 'Make recovery codes' }).click();
  await ann.locator('.codes').waitFor();
  check((await ann.locator('.codes li').count()) === 10, `${name}: ten recovery codes, shown once`);
  await look('5-recovery');
  await ann.getByRole('link', { name: 'I have kept them' }).click();
  // The device says nothing by itself for now: a browser that finds it would sign in before anybody has seen the page.
  await devices.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled: false });
  await ann.getByRole('button', { name: 'Sign out everywhere' }).click();
  await ann.waitForURL(`${PORTAL}/signin`);

  await ann.goto(`${APP}/vault/7?x=1`);
  await ann.locator('form[data-question]').waitFor();
  await look('6-sign-in');
  await devices.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled: true });
  await ann.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await ann.locator('h1', { hasText: 'authenticator app' }).waitFor();
  await look('7-step');
  await ann.fill('input[name=code]', totp(secret, 1));
  await ann.getByRole('button', { name: 'Continue' }).click();
  await ann.waitForURL(`${APP}/vault/7?x=1`);
  check(true, `${name}: a passkey and the app's code lead back to the page that was asked for`);
  // What the browser says of an answer of 401 or 403 is no complaint of a page.
  const complaints = errors.filter((error) => !error.includes('Failed to load resource'));
  check(complaints.length === 0, `${name}: no page complains: ${complaints.join('; ')}`);
  await context.close();
}

try {
  const [links, emails] = [LINKS.split(' '), EMAILS.split(' ')];
  await way('wide', { width: 1280, height: 800 }, links[0], emails[0]);
  await way('narrow', { width: 360, height: 740 }, links[1], emails[1]);
} finally {
  await browser.close();
}
